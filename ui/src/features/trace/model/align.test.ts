import { createFakeTreeSpan } from "@/test/fakes/trace";
import { alignTraces } from "./align";
import { buildNodes } from "./tree";

type Written = [name: string, depth: number, kind?: string];

const nodesOf = (spans: Written[]) =>
  buildNodes(
    spans.map(([name, depth, kind = "chain"]) =>
      createFakeTreeSpan({ name, depth, kind, span_id: `${name}${depth}` }),
    ),
    false,
  );

const written = (left: Written[], right: Written[]) =>
  alignTraces(nodesOf(left), nodesOf(right)).map(
    ({ left: one, right: other, depth }) => `${depth} ${one?.span.name ?? "-"} ${other?.span.name ?? "-"}`,
  );

describe("alignment of traces", () => {
  it("pairs spans by name under paired parents", () => {
    const both: Written[] = [
      ["root", 0],
      ["search", 1],
      ["ask", 1],
    ];
    expect(written(both, both)).toEqual(["0 root root", "1 search search", "1 ask ask"]);
  });

  it("pairs calls that differ only by the model in their name", () => {
    const left: Written[] = [
      ["root", 0],
      ["chat qwen", 1, "llm"],
    ];
    const right: Written[] = [
      ["root", 0],
      ["chat gpt", 1, "llm"],
    ];
    expect(written(left, right)).toEqual(["0 root root", "1 chat qwen chat gpt"]);
  });

  it("shows what only one has in its place, with everything below it", () => {
    const left: Written[] = [
      ["root", 0],
      ["search", 1],
      ["ask", 1],
    ];
    const right: Written[] = [
      ["root", 0],
      ["search", 1],
      ["order", 1, "tool"],
      ["http", 2, "http"],
      ["ask", 1],
    ];
    expect(written(left, right)).toEqual([
      "0 root root",
      "1 search search",
      "1 - order",
      "2 - http",
      "1 ask ask",
    ]);
    expect(written(right, left)).toContain("1 order -");
  });

  it("keeps repeated calls in their order", () => {
    const twice: Written[] = [
      ["root", 0],
      ["ask", 1],
      ["ask", 1],
    ];
    expect(written(twice, twice.slice(0, 2))).toEqual(["0 root root", "1 ask ask", "1 ask -"]);
  });
});
