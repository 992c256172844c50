import type { Level, TraceSort } from "@/api/traces";

export const SORTS = ["newest", "duration", "cost", "tokens"] as const satisfies readonly TraceSort[];
export const LEVELS = ["trace", "span"] as const satisfies readonly Level[];

/** What the list of traces keeps in its URL besides what every page does. */
export interface TracesSearch {
  /** Written `column:operator:value`; all hold for the same span. */
  filter?: string[];
  /** Text in inputs and outputs. */
  q?: string;
  sort?: TraceSort;
  level?: Level;
  /** Columns of the list, in order; absent for the usual ones. */
  cols?: string[];
  /** Id of the trace that is previewed. */
  preview?: string;
  /** Id of the saved view that was opened. */
  view?: string;
}

/** Read the search of a URL; strange values are left out, never an error. */
export function readTracesSearch(raw: Record<string, unknown>): TracesSearch {
  const search: TracesSearch = {};
  const filter = texts(raw.filter);
  if (filter.length) search.filter = filter;
  const cols = texts(raw.cols).flatMap((text) => text.split(","));
  if (cols.length) search.cols = [...new Set(cols.filter(Boolean))];
  for (const key of ["q", "preview", "view"] as const) {
    const [text] = texts(raw[key]);
    if (text) search[key] = text;
  }
  const sort = SORTS.find((known) => known === raw.sort);
  if (sort && sort !== "newest") search.sort = sort;
  if (raw.level === "span") search.level = "span";
  return search;
}

/** A value of a URL as texts; what looks like a number comes out of a URL as one. */
function texts(value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((one) =>
    typeof one === "string" ? one || [] : typeof one === "number" || one === true ? String(one) : [],
  );
}
