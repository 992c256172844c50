import { createFakeTreeSpan, fakeSpanId } from "@/test/fakes/trace";
import { buildNodes, pathSegments, type RowsQuestion, rowsOf } from "./tree";

/** root(1) > a(2) > llm(3), llm(4) failed; b(5) */
const SPANS = [
  createFakeTreeSpan({ span_id: fakeSpanId(1), name: "root", child_count: 2 }),
  createFakeTreeSpan({ span_id: fakeSpanId(2), name: "a", depth: 1, child_count: 2, offset_ms: 50 }),
  createFakeTreeSpan({
    ...{ span_id: fakeSpanId(3), name: "ask", kind: "llm", depth: 2, offset_ms: 60 },
    ...{ input_tokens: 10, output_tokens: 5, cost_usd: 0.5 },
  }),
  createFakeTreeSpan({
    ...{ span_id: fakeSpanId(4), name: "ask again", kind: "llm", depth: 2, offset_ms: 70 },
    ...{ input_tokens: 20, output_tokens: null, status: "error", status_message: "Timeout" },
  }),
  createFakeTreeSpan({ span_id: fakeSpanId(5), name: "b", depth: 1, offset_ms: 10 }),
];

const ALL: RowsQuestion = {
  ...{ mode: "tree", folded: new Set(), text: "", found: new Set(), kinds: [], onlyErrors: false },
};

const names = (question: Partial<RowsQuestion>, hasMore = false) =>
  rowsOf(buildNodes(SPANS, hasMore), { ...ALL, ...question }).map(({ node }) => node.span.name);

describe("tree of spans", () => {
  it("sums tokens, cost and errors over subtrees", () => {
    const [root, a, ask] = buildNodes(SPANS, false);
    expect(root?.sums).toEqual({ spans: 5, errors: 1, inputTokens: 30, outputTokens: 5, cost: 0.5 });
    expect(a?.sums).toEqual({ spans: 3, errors: 1, inputTokens: 30, outputTokens: 5, cost: 0.5 });
    expect(ask?.end).toBe(3);
    expect(a?.end).toBe(4);
  });

  it("counts usage that a span repeats from below only once", () => {
    const nodes = buildNodes(
      [
        createFakeTreeSpan({ input_tokens: 10, is_usage_rollup: true }),
        createFakeTreeSpan({ depth: 1, input_tokens: 10 }),
      ],
      false,
    );
    expect(nodes[0]?.sums.inputTokens).toBe(10);
  });

  it("keeps no tokens apart from zero tokens", () => {
    const [, , , , b] = buildNodes(SPANS, false);
    expect(b?.sums.inputTokens).toBeNull();
    expect(b?.sums.cost).toBeNull();
  });

  it("says which sums are not whole while spans are to come", () => {
    const nodes = buildNodes(SPANS, true);
    expect(nodes.map(({ isPartial }) => isPartial)).toEqual([true, false, false, false, true]);
  });

  it("folds subtrees away", () => {
    expect(names({ folded: new Set([fakeSpanId(2)]) })).toEqual(["root", "a", "b"]);
  });

  it("keeps the way to what a filter finds", () => {
    expect(names({ text: "again" })).toEqual(["root", "a", "ask again"]);
    expect(names({ text: "TIMEOUT" })).toEqual(["root", "a", "ask again"]);
    expect(names({ onlyErrors: true })).toEqual(["root", "a", "ask again"]);
    expect(names({ kinds: ["llm"] })).toEqual(["root", "a", "ask", "ask again"]);
    expect(names({ text: "deep in the answer", found: new Set([fakeSpanId(5)]) })).toEqual(["root", "b"]);
    expect(names({ text: "nowhere" })).toEqual([]);
  });

  it("orders a timeline by time, without what only leads to matches", () => {
    expect(names({ mode: "timeline" })).toEqual(["root", "b", "a", "ask", "ask again"]);
    expect(names({ mode: "timeline", onlyErrors: true })).toEqual(["ask again"]);
  });
});

describe("critical path", () => {
  it("joins stretches that are too close to be told apart", () => {
    const step = (offset_ms: number) => ({ span_id: "a", offset_ms, duration_ms: 10 });
    const trace = { duration_ms: 100_000, critical_path: [step(0), step(11), step(50_000)] };
    expect(pathSegments(trace).get("a")).toEqual([
      [0, 0.00021],
      [0.5, 0.5001],
    ]);
  });
});
