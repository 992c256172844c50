/** What the page of checks keeps in its URL besides what every page does. */
export interface ChecksSearch {
  /** Name of the chosen list. */
  list?: string;
  /** Id of an earlier report; absent for the newest. */
  report?: string;
}

export function readChecksSearch(raw: Record<string, unknown>): ChecksSearch {
  const search: ChecksSearch = {};
  for (const key of ["list", "report"] as const) {
    const value = raw[key];
    if (typeof value === "number" || (typeof value === "string" && value)) search[key] = String(value);
  }
  return search;
}
