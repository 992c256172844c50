import type { RuleContent } from "@/api/alert-rules";
import { isName, kindOf, lookOf, newRule, stepOf, withKind, withPart, withStep } from "./model";

const when = (value: object) => value as RuleContent["when"];

describe("a rule in the form", () => {
  it("knows simple kinds and leaves compound ones alone", () => {
    expect(kindOf(when({ bands: "errors.rate" }))).toBe("bands");
    expect(kindOf(when({ all: [] }))).toBeNull();
    expect(kindOf(when({ bands: { signal: "a" }, unless: { absent: "b" } }))).toBeNull();
  });

  it("reads short forms", () => {
    expect(lookOf(when({ absent: "a" }), "absent")).toEqual({ signal: "a" });
    const look = lookOf(when({ threshold: { signal: "a", warning: "> 5" } }), "threshold");
    expect(stepOf(look, "warning")).toEqual({ enter: "> 5" });
  });

  it("keeps the signal and its labels when the kind changes, and nothing of the kind before", () => {
    const rule = {
      ...newRule("a"),
      when: when({ change: { signal: "a", by: ["x"], against: "yesterday" } }),
    };
    expect(withKind(rule, "absent").when).toEqual({ absent: { signal: "a", by: ["x"] } });
  });

  it("forgets what becomes empty, so that the default holds", () => {
    const rule = { ...newRule("a"), runbook: "https://x", labels: { team: "a" } };
    expect(withPart(rule, "runbook", "")).not.toHaveProperty("runbook");
    expect(withPart(rule, "labels", {})).not.toHaveProperty("labels");
    const look = withStep({ signal: "a", warning: { enter: "> 1" } }, "warning", { enter: "", exit: "" });
    expect(look).toEqual({ signal: "a" });
  });

  it("knows what may be a name", () => {
    expect(["errors.rate", "a"].every(isName)).toBe(true);
    expect(["", "1a", "A", "a b", "a".repeat(65)].some(isName)).toBe(false);
  });
});
