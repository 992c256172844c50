import { whereOf } from "./client";

describe("the condition of a scope", () => {
  it("is written in the language of signals", () => {
    expect(whereOf({})).toBeUndefined();
    expect(whereOf({}, "a = 1 or b = 2")).toBe("a = 1 or b = 2");
    expect(whereOf({ environment: "prod", service: "kim's \\ shop" }, "a = 1 or b = 2")).toBe(
      "environment = 'prod' and service = 'kim''s \\ shop' and (a = 1 or b = 2)",
    );
  });
});
