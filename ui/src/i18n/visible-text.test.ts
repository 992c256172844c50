import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

/** No text that people see or hear stands in the code: it comes from the catalogue, in both languages. */

const HEARD = new Set([
  "aria-label",
  "aria-roledescription",
  "aria-description",
  "alt",
  "title",
  "label",
  "placeholder",
  "description",
  "error",
]);
/** Names, keys and signs that are the same in every language. */
const SAME_EVERYWHERE = new Set(["pw_…"]);

function textsIn(path: string): string[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(path, "utf8"),
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.TSX,
  );
  const found: string[] = [];
  const note = (node: ts.Node, text: string) => {
    if (!/\p{L}{2}/u.test(text) || SAME_EVERYWHERE.has(text)) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${relative("src", path)}:${line + 1} ${text.trim()}`);
  };
  const visit = (node: ts.Node): void => {
    const text = visibleText(node);
    if (text !== null) note(node, text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The text that a node puts on the page or into somebody's ear; null if it is none. */
function visibleText(node: ts.Node): string | null {
  if (ts.isJsxText(node)) return node.text;
  if (ts.isJsxExpression(node) && ts.isJsxElement(node.parent)) return literalText(node.expression);
  if (!ts.isJsxAttribute(node) || !HEARD.has(node.name.getText()) || !node.initializer) return null;
  return literalText(ts.isJsxExpression(node.initializer) ? node.initializer.expression : node.initializer);
}

function literalText(node: ts.Node | undefined): string | null {
  return node && ts.isStringLiteralLike(node) ? node.text : null;
}

describe("visible text", () => {
  it("is never written in the code", () => {
    const components = readdirSync("src", { withFileTypes: true, recursive: true })
      .filter(
        (entry) =>
          entry.name.endsWith(".tsx") &&
          !entry.name.endsWith(".test.tsx") &&
          !entry.parentPath.includes("test"),
      )
      .map((entry) => join(entry.parentPath, entry.name));
    expect(components.length).toBeGreaterThan(10);
    expect(components.flatMap(textsIn)).toEqual([]);
  });

  it("would be found if it were", () => {
    expect(textsIn("src/i18n/visible-text.fixture.txt")).toHaveLength(3);
  });
});
