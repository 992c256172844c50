import { OWNER_SORTS, type OwnerSort } from "@/api/owners";

/** What lists of sessions and users keep in their URL besides what every page does. */
export interface OwnersSearch {
  /** Part of an id. */
  q?: string;
  sort?: OwnerSort;
}

export function readOwnersSearch(raw: Record<string, unknown>): OwnersSearch {
  const search: OwnersSearch = {};
  if (typeof raw.q === "number" || (typeof raw.q === "string" && raw.q)) search.q = String(raw.q);
  if (OWNER_SORTS.includes(raw.sort as OwnerSort)) search.sort = raw.sort as OwnerSort;
  return search;
}
