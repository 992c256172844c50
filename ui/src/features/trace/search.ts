/** What the page of a trace keeps in its URL besides what every page does. */

export const TABS = [
  ...(["conversation", "documents", "profile", "attributes", "events", "logs", "scores", "raw"] as const),
] as const;
export type Tab = (typeof TABS)[number];

export interface TraceSearch {
  /** Id of the chosen span. */
  span?: string;
  tab?: Tab;
  view?: "timeline";
  /** Words that spans have to hold. */
  find?: string;
  kinds?: string[];
  errors?: true;
}

export function readTraceSearch(raw: Record<string, unknown>): TraceSearch {
  const search: TraceSearch = {};
  // Ids of digits alone come out of a URL as numbers.
  if (isText(raw.span)) search.span = String(raw.span);
  if (TABS.includes(raw.tab as Tab)) search.tab = raw.tab as Tab;
  if (raw.view === "timeline") search.view = "timeline";
  if (isText(raw.find)) search.find = String(raw.find);
  const kinds = (Array.isArray(raw.kinds) ? raw.kinds : [raw.kinds]).filter(
    (kind) => typeof kind === "string",
  );
  if (kinds.length) search.kinds = kinds;
  if (raw.errors === true || raw.errors === "true") search.errors = true;
  return search;
}

export interface CompareSearch {
  left?: string;
  right?: string;
  /** Id of a span of either trace; its pair is shown. */
  at?: string;
}

export function readCompareSearch(raw: Record<string, unknown>): CompareSearch {
  const search: CompareSearch = {};
  for (const key of ["left", "right", "at"] as const) if (isText(raw[key])) search[key] = String(raw[key]);
  return search;
}

function isText(value: unknown): value is string | number {
  return typeof value === "number" || (typeof value === "string" && value !== "");
}

/** A trace id as people paste it; null if it is none. */
export function readTraceId(text: string): string | null {
  const id = text.trim().replaceAll("-", "").toLowerCase();
  return /^[0-9a-f]{32}$/.test(id) ? id : null;
}
