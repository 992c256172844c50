/** Writes values as YAML the way people write rules: blocks outside, short things in one line. */

type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value | undefined };

const PLAIN = /^(?:[\p{L}_/][\p{L}\d _./-]*|\d+[smhdw])$/u;
const WORDS = /^(true|false|yes|no|on|off|null|nan|inf|y|n)$/i;
const LONGEST_LINE = 80;

/** A value as YAML, ending with a line break; what is undefined is left out. */
export function writeYaml(value: object): string {
  return `${block(value as Value, 0).replace(/^\n/, "")}\n`;
}

function block(value: Value, depth: number): string {
  const inline = flow(value);
  if (!isNested(value) || (depth > 0 && inline.length <= LONGEST_LINE && isFlat(value))) return inline;
  const indent = "  ".repeat(depth);
  if (Array.isArray(value))
    return value
      .map((item: Value) => `\n${indent}- ${item === null ? "null" : inItem(item, depth + 1)}`)
      .join("");
  return entriesOf(value)
    .map(([key, item]) => {
      const written = block(item, depth + 1);
      return `\n${indent}${scalar(key)}:${written.startsWith("\n") ? "" : " "}${written}`;
    })
    .join("");
}

/** Within a list the first line of a block stands behind the dash. */
function inItem(item: Value, depth: number): string {
  return block(item, depth).trimStart();
}

function flow(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (isNested(value))
    return `{${entriesOf(value)
      .map(([key, item]) => `${scalar(key)}: ${flow(item)}`)
      .join(", ")}}`;
  return scalar(value as null | boolean | number | string);
}

function scalar(value: null | boolean | number | string): string {
  if (typeof value !== "string") return String(value);
  const isPlain = PLAIN.test(value) && !WORDS.test(value) && !value.endsWith(" ");
  return isPlain ? value : JSON.stringify(value);
}

function isNested(value: Value): value is readonly Value[] | { readonly [key: string]: Value | undefined } {
  return typeof value === "object" && value !== null;
}

function isFlat(value: Value): boolean {
  return !isNested(value) || itemsOf(value).every((item) => !isNested(item));
}

function itemsOf(value: readonly Value[] | { readonly [key: string]: Value | undefined }): Value[] {
  return Array.isArray(value) ? value : entriesOf(value).map(([, item]) => item);
}

function entriesOf(value: object): [string, Value][] {
  return Object.entries(value).filter((entry): entry is [string, Value] => entry[1] !== undefined);
}
