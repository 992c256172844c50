import { createFakeTraceRow } from "@/test/fakes/traces";
import {
  compareInstants,
  countHeld,
  countRows,
  findPage,
  firstPages,
  idOf,
  idsAround,
  type ListRow,
  placeOf,
  type RowPages,
  rowAt,
  withHeld,
  withNewest,
  withNext,
  withoutFar,
  withRowsAgain,
} from "./trace-rows";

const rowsOf = (count: number) => Array.from({ length: count }, () => createFakeTraceRow());
const fetched = (rows: readonly ListRow[], next: string | null = "c1") => ({ rows, next, refused: [] });
const allOf = (list: RowPages) => Array.from({ length: countRows(list) }, (_, index) => rowAt(list, index));

describe("rows of a list", () => {
  it("find each row and its place across pages of different lengths", () => {
    const rows = rowsOf(7);
    let list = firstPages(fetched(rows.slice(0, 3)));
    list = withNext(list, "c1", { rows: rows.slice(3, 4), next: "c2" });
    list = withNext(list, "c2", { rows: rows.slice(4), next: null });
    expect(allOf(list)).toEqual(rows);
    expect(rows.map((row) => placeOf(list, row.trace_id))).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(findPage(list, 3)).toEqual({ page: 1, offset: 0 });
    expect(list.next).toBeNull();
  });

  it("do not add a page that follows another one than the last", () => {
    const list = firstPages(fetched(rowsOf(2)));
    expect(withNext(list, "elsewhere", { rows: rowsOf(2), next: null })).toBe(list);
  });

  it("put new rows at the top and keep the pages below", () => {
    const rows = rowsOf(6);
    let list = firstPages(fetched(rows.slice(2, 4)));
    list = withNext(list, "c1", { rows: rows.slice(4), next: null });
    const merged = withNewest(list, fetched(rows.slice(0, 3)));
    expect(allOf(merged)).toEqual(rows);
    expect(merged.pages[1]).toBe(list.pages[1]);
    expect(merged.next).toBeNull();
  });

  it("keep a row that did not change the same, and take the newer version of one that did", () => {
    const [first, second] = rowsOf(2);
    const list = firstPages(fetched([first as ListRow, second as ListRow]));
    const grown = { ...(second as ReturnType<typeof createFakeTraceRow>), span_count: 9 };
    const merged = withNewest(list, fetched([structuredClone(first) as ListRow, grown]));
    expect(rowAt(merged, 0)).toBe(first);
    expect(rowAt(merged, 1)).toBe(grown);
  });

  it("begin anew when the newest rows do not reach down to those that are there", () => {
    const rows = rowsOf(4);
    const list = firstPages(fetched(rows.slice(2)));
    expect(allOf(withNewest(list, fetched(rows.slice(0, 2), "n")))).toEqual(rows.slice(0, 2));
    expect(countHeld(withHeld(list, fetched(rows.slice(0, 2), "n")))).toBe(Number.POSITIVE_INFINITY);
  });

  it("hold new rows back and count them, but show at once what changed in old ones", () => {
    const rows = rowsOf(4);
    const list = firstPages(fetched(rows.slice(1)));
    const grown = { ...(rows[1] as ReturnType<typeof createFakeTraceRow>), error_count: 2 };
    const held = withHeld(list, fetched([rows[0] as ListRow, grown]));
    expect(countHeld(held)).toBe(1);
    expect(rowAt(held, 0)).toBe(grown);
    expect(countRows(held)).toBe(3);
    expect(countHeld(withHeld(list, fetched(rows.slice(1))))).toBe(0);
  });

  it("give back the rows of pages far from sight, and put them in the same places again", () => {
    let list = firstPages(fetched(rowsOf(2), "c0"));
    for (let page = 0; page < 60; page++)
      list = withNext(list, `c${page}`, { rows: rowsOf(2), next: `c${page + 1}` });
    const lean = withoutFar(list, 60);
    expect(lean.pages[0]?.rows).not.toBeNull();
    expect(lean.pages[5]?.rows).toBeNull();
    expect(countRows(lean)).toBe(countRows(list));
    const again = list.pages[5]?.rows ?? [];
    const late = createFakeTraceRow();
    expect(withRowsAgain(lean, 5, [late, ...again]).pages[5]?.rows).toEqual(again);
    expect(withoutFar(list, 30)).toBe(list);
  });

  it("name the ids around a place", () => {
    let list = firstPages(fetched(rowsOf(3)));
    list = withNext(list, "c1", { rows: rowsOf(3), next: null });
    expect(idsAround(list, 4, 1000)).toEqual(allOf(list).map((row) => idOf(row as ListRow)));
  });

  it("compare instants to the nanosecond, however they are written", () => {
    expect(compareInstants("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.5Z")).toBe(-1);
    expect(compareInstants("2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.500000000Z")).toBe(0);
    expect(compareInstants("2026-03-01T12:00:00.000000002Z", "2026-03-01T12:00:00.000000001Z")).toBe(1);
  });
});
