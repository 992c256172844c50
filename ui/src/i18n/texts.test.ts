import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { catalogue as en } from "./en";
import { catalogue as ko } from "./ko";

/** Every text is in both languages, and every one is used. */

type Texts = { [key: string]: string | Texts };

function flatten(texts: Texts, prefix: string): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    if (typeof value === "string") flat.set(`${prefix}${key}`, value);
    else for (const [name, text] of flatten(value, `${prefix}${key}.`)) flat.set(name, text);
  }
  return flat;
}

function all(catalogue: Record<string, unknown>): Map<string, string> {
  return new Map(
    Object.entries(catalogue).flatMap(([namespace, texts]) => [...flatten(texts as Texts, `${namespace}:`)]),
  );
}

const english = all(en as Record<string, unknown>);
const korean = all(ko as Record<string, unknown>);

/** i18next picks the form of a number by these endings. */
const singular = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter(
      (entry) =>
        entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.|\.gen\.|\.d\.ts$/.test(entry.name),
    )
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
}

interface Use {
  namespace: string;
  /** The whole key, or what stands before the first `${`. */
  key: string;
  isPrefix: boolean;
}

/** Every `t("key")` and t(`key.${...}`) of a file; the namespace is that of its `useTranslation("ns")`, or `ns:` in the key. */
function usesOf(code: string): Use[] {
  const namespace = /useTranslation\(\s*"(\w+)"/.exec(code)?.[1] ?? "common";
  const uses: Use[] = [];
  for (const [literal] of code.matchAll(/(["'`])(?:[\w-]+:)?[a-z][\w-]*(?:\.[\w${}.-]+)*\1/g)) {
    const text = literal.slice(1, -1);
    const [before = "", isPrefix] = text.includes("${") ? [text.split("${")[0], true] : [text, false];
    const [first = "", rest] = before.includes(":") ? before.split(":") : [namespace, before];
    uses.push({ namespace: first, key: rest ?? "", isPrefix });
  }
  return uses;
}

const files = sources("src");
const uses = files.flatMap(usesOf);

describe("texts", () => {
  it("exist in both languages", () => {
    const plain = (texts: Map<string, string>) => new Set([...texts.keys()].map(singular));
    expect([...plain(english)].sort()).toEqual([...plain(korean)].sort());
  });

  it("are never empty, and name the same values in both languages", () => {
    const values = (text: string) =>
      [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]))].sort();
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe("");
      const other = korean.get(key) ?? korean.get(`${singular(key)}_other`);
      expect(values(other ?? ""), key).toEqual(values(text));
    }
  });

  it("are all used", () => {
    const isUsed = (key: string) =>
      uses.some(({ namespace, key: used, isPrefix }) =>
        isPrefix ? key.startsWith(`${namespace}:${used}`) : singular(key) === `${namespace}:${used}`,
      );
    expect([...english.keys()].filter((key) => !isUsed(key))).toEqual([]);
  });

  it("are known where they are asked for", () => {
    const known = new Set([...english.keys()].map(singular));
    const asked = files.flatMap((code) => {
      const namespace = /useTranslation\(\s*"(\w+)"/.exec(code)?.[1] ?? "common";
      return [...code.matchAll(/\bt\(\s*"([^"]+)"/g)].map(([, key = ""]) =>
        key.includes(":") ? key : `${namespace}:${key}`,
      );
    });
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter((key) => !known.has(key))).toEqual([]);
  });
});
