import { FAKE_COLUMNS } from "@/test/fakes/traces";
import { editableAmount, readAmount } from "./amounts";
import { writeFilter } from "./filters";
import { ColumnFinder, readPastedFilters, readQueryText } from "./query-text";

const finder = new ColumnFinder(FAKE_COLUMNS);

function read(text: string, known: string[] = []) {
  const { filters, words } = readQueryText(text, finder, (_, value) => known.includes(value));
  return [...filters.map(writeFilter), ...(words ? [`text ${words}`] : [])];
}

describe("typed filters", () => {
  it("are read as people write them", () => {
    expect(read("model:qwen error latency>20s")).toEqual([
      "model:contains:qwen",
      "status:eq:error",
      "duration_ms:gt:20000",
    ]);
    expect(read("model is qwen2.5:7b and error is timeout and latency > 20 s")).toEqual([
      "model:eq:qwen2.5:7b",
      "error_class:eq:timeout",
      "duration_ms:gt:20000",
    ]);
    expect(read("모델:qwen 오류 지연>1분")).toEqual([
      "model:contains:qwen",
      "status:eq:error",
      "duration_ms:gt:60000",
    ]);
  });

  it("mean exactly a value that occurs", () => {
    expect(read("model:qwen2.5:7b", ["qwen2.5:7b"])).toEqual(["model:eq:qwen2.5:7b"]);
    expect(read("model=qwen2.5:7b")).toEqual(["model:eq:qwen2.5:7b"]);
  });

  it("leave values out, ask for any value, and take several", () => {
    expect(read("-model:bge-m3 !service:voc user is not u1")).toEqual([
      "model:ne:bge-m3",
      "service:ne:voc",
      "user_id:ne:u1",
    ]);
    expect(read("user:* -user:*")).toEqual(["user_id:is_null:false", "user_id:is_null:true"]);
    expect(read("service:voc,search")).toEqual(["service:in:voc,search"]);
  });

  it("are read as the URL writes them, attributes too", () => {
    expect(read("duration_ms:gte:1500 attributes.http.route:eq:/voc/chat")).toEqual([
      "duration_ms:gte:1500",
      "attributes.http.route:eq:/voc/chat",
    ]);
    expect(readPastedFilters("model:eq:my model\nstatus:eq:error\n")).toHaveLength(2);
    expect(readPastedFilters("hello there")).toBeNull();
    expect(readPastedFilters("http://127.0.0.1/")).toBeNull();
  });

  it("leave what is no filter as a text to look for", () => {
    expect(read("refund please")).toEqual(["text refund please"]);
    expect(read('"a quoted text" status:ok')).toEqual(["status:eq:ok", "text a quoted text"]);
    expect(read("status:nonsense")).toEqual(["text status:nonsense"]);
    expect(read("latency>soon")).toEqual(["text latency>soon"]);
    expect(read('name:"two words"')).toEqual(["name:contains:two words"]);
    expect(read("a > b")).toEqual(["text a > b"]);
  });

  it("read flags, choices and ids", () => {
    expect(read("cache_hit:yes error:time")).toEqual(["cache_hit:eq:true", "error_class:eq:timeout"]);
    const id = "0123456789abcdef0123456789ABCDEF";
    expect(read(id)).toEqual([`trace_id:eq:${id.toLowerCase()}`]);
  });
});

describe("amounts", () => {
  it("are read in the unit of their column", () => {
    expect(readAmount("20 s", "ms")).toBe(20_000);
    expect(readAmount("1m 30s", "ms")).toBe(90_000);
    expect(readAmount("1.5초", "ms")).toBe(1500);
    expect(readAmount("250", "ms")).toBe(250);
    expect(readAmount("$0.05", "usd")).toBe(0.05);
    expect(readAmount("4k", "token")).toBe(4000);
    expect(readAmount("1.5만 토큰", "token")).toBe(15_000);
    expect(readAmount("2 MiB", "byte")).toBe(2 * 1024 ** 2);
    expect(readAmount("1,500", null)).toBe(1500);
    for (const bad of ["", "soon", "5 parsecs", "s", "1..2 s"]) expect(readAmount(bad, "ms"), bad).toBeNull();
  });

  it("are written so that they are read back the same", () => {
    for (const value of ["250", "1500", "60000", "90000", "20000.5"])
      expect(readAmount(editableAmount(value, "ms"), "ms")).toBe(Number(value));
  });
});
