import { writeYaml } from "./yaml";

describe("writeYaml", () => {
  it("writes a rule as people would", () => {
    const rule = {
      name: "errors.high",
      title: { en: "Errors: many", ko: "오류 많음" },
      when: { threshold: { signal: "errors.rate", warning: { enter: "> 0.05", exit: "< 0.03" } } },
      by: ["service"],
      for: "5m",
      enabled: true,
      min_samples: 20,
      runbook: undefined,
    };
    expect(writeYaml(rule)).toBe(
      `name: errors.high
title: {en: "Errors: many", ko: 오류 많음}
when:
  threshold:
    signal: errors.rate
    warning: {enter: "> 0.05", exit: "< 0.03"}
by: [service]
for: 5m
enabled: true
min_samples: 20
`,
    );
  });

  it("quotes what would be read as something else", () => {
    expect(writeYaml({ a: "true", b: "12", c: "", d: "no", e: "x: y", f: null, g: "- a", h: "tail " })).toBe(
      'a: "true"\nb: "12"\nc: ""\nd: "no"\ne: "x: y"\nf: null\ng: "- a"\nh: "tail "\n',
    );
  });

  it("writes lists of things with parts", () => {
    expect(writeYaml({ all: [{ bands: { signal: "a", by: ["x"] } }, { absent: "b" }] })).toBe(
      "all:\n  - bands:\n      signal: a\n      by: [x]\n  - {absent: b}\n",
    );
  });
});
