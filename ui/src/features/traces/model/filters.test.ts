import { readTracesSearch } from "../search";
import {
  filterOnAny,
  parseFilter,
  stanceOn,
  toggleExcluded,
  toggleIncluded,
  valuesOf,
  writeFilter,
} from "./filters";
import { isSameView, readView, viewOf } from "./saved-view";

describe("filters", () => {
  it("are written as they were read", () => {
    for (const text of [
      "model:eq:qwen2.5:7b",
      "ttft_ms:is_null",
      "attributes.a.b:contains:x y",
      "kind:in:llm,tool",
    ])
      expect(writeFilter(parseFilter(text) as never)).toBe(text);
    for (const bad of ["", "model", "model:like:x", "model:eq:", ":eq:x"])
      expect(parseFilter(bad)).toBeNull();
  });

  it("keep commas and backslashes within values", () => {
    const filter = filterOnAny("name", ["a,b", "c\\d", "e"]);
    expect(filter.value).toBe("a\\,b,c\\\\d,e");
    expect(valuesOf(filter)).toEqual(["a,b", "c\\d", "e"]);
  });

  it("gather values of a column and drop them again", () => {
    const one = toggleIncluded([], "model", "a");
    const two = toggleIncluded(one, "model", "b");
    expect([one, two]).toEqual([["model:eq:a"], ["model:in:a,b"]]);
    expect(stanceOn(two, "model", "b")).toBe("included");
    expect(toggleIncluded(toggleIncluded(two, "model", "a"), "model", "b")).toEqual([]);
  });

  it("leave a value out instead of asking for it", () => {
    const out = toggleExcluded(["model:in:a,b", "status:eq:ok"], "model", "a");
    expect(out).toEqual(["model:eq:b", "status:eq:ok", "model:ne:a"]);
    expect(stanceOn(out, "model", "a")).toBe("excluded");
    expect(toggleExcluded(out, "model", "a")).toEqual(["model:eq:b", "status:eq:ok"]);
    expect(toggleIncluded(out, "model", "a")).toEqual(["model:in:b,a", "status:eq:ok"]);
  });
});

describe("the search of the list", () => {
  it("forgives strange values", () => {
    expect(
      readTracesSearch({ filter: "a:eq:1", q: 500, sort: "worst", level: 7, cols: "name,,name,model" }),
    ).toEqual({
      filter: ["a:eq:1"],
      q: "500",
      cols: ["name", "model"],
    });
    expect(
      readTracesSearch({ filter: [{}, null, "a:is_null", 4], preview: {}, sort: "cost", level: "span" }),
    ).toEqual({
      filter: ["a:is_null", "4"],
      sort: "cost",
      level: "span",
    });
  });

  it("is kept by a saved view and read back", () => {
    const shown = {
      filters: ["model:eq:a,b", 'name:eq:"x"'],
      q: "환불",
      sort: "cost",
      level: "span",
      cols: ["name"],
    } as const;
    const view = viewOf(shown);
    expect(Object.values(view).every((value) => typeof value === "string")).toBe(true);
    expect(readView(view)).toEqual({
      filter: [...shown.filters],
      q: "환불",
      sort: "cost",
      level: "span",
      cols: ["name"],
    });
    expect(isSameView(view, viewOf({ ...shown, cols: ["name"] }))).toBe(true);
    expect(isSameView(view, viewOf({ ...shown, q: "" }))).toBe(false);
    expect(readView({}).filter).toBeUndefined();
  });
});
