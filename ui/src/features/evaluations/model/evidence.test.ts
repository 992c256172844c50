import { bandOfVerdict, readEvidence } from "./evidence";

describe("readEvidence", () => {
  it("reads claims with what they were judged by", () => {
    const { lists, facts } = readEvidence({
      claims: [
        {
          text: "a",
          by_chunks: { verdict: "supported", reason: "there", chunks: [0, 2] },
          by_reference_claims: { verdict: "contradicted", reason: "", reference_claims: [1] },
        },
      ],
      coverage: 0.5,
    });
    expect(lists).toHaveLength(1);
    const [chunks, reference] = lists[0]?.items[0]?.judgements ?? [];
    expect(chunks).toEqual({
      by: "chunks",
      verdict: "supported",
      reason: "there",
      chunks: [0, 2],
      claims: [],
    });
    expect(reference).toMatchObject({
      by: "reference_claims",
      verdict: "contradicted",
      reason: null,
      claims: [1],
    });
    expect(facts).toEqual([["coverage", 0.5]]);
  });

  it("keeps a verdict that never came apart from one that says nothing", () => {
    const { lists } = readEvidence({
      sentences: [
        { text: "a", verdict: null },
        { text: "b", verdict: "neutral" },
      ],
    });
    const verdicts = lists[0]?.items.map(({ judgements }) => judgements[0]?.verdict ?? null);
    expect(verdicts).toEqual([null, "neutral"]);
    expect(bandOfVerdict(null)).toBe("no_data");
    expect(bandOfVerdict("neutral")).toBe("normal");
  });

  it("finds numbers and entities where they are", () => {
    const { lists } = readEvidence({
      numbers: [
        { text: "7 days", chunk: 1, in_question: false },
        { text: "9", chunk: null, in_question: true },
        { text: "12", chunk: null, in_question: false },
      ],
      entities: [{ kind: "name", text: "Seoul", kept: false }],
    });
    const said = lists.map(({ items }) => items.map(({ judgements }) => judgements[0]?.verdict));
    expect(said).toEqual([["supported", "in_question", "not_stated"], ["lost"]]);
    expect(lists[0]?.items[0]?.judgements[0]?.chunks).toEqual([1]);
  });

  it("reads evidence within evidence, and keeps what it does not know as it came", () => {
    const found = readEvidence({
      turns: [{ turn: 1, value: 0.5, evidence: { claims: [{ text: "a" }] } }],
      matrix: [[1, 2]],
      votes: { yes: 2, no: 1 },
    });
    expect(found.parts[0]).toMatchObject({ name: "turns 1", value: 0.5 });
    expect(found.parts[0]?.evidence.lists[0]?.items[0]?.text).toBe("a");
    expect(found.rest).toEqual([["matrix", [[1, 2]]]]);
    expect(found.facts).toEqual([
      ["votes.yes", 2],
      ["votes.no", 1],
    ]);
  });

  it("makes nothing of nothing", () => {
    expect(readEvidence(null).lists).toEqual([]);
    expect(readEvidence({ claims: [] }).lists).toEqual([]);
    expect(readEvidence("text").rest).toEqual([["evidence", "text"]]);
  });
});
