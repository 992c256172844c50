import type { IncidentState } from "@/api/incidents";

export const STATE_FILTERS = ["unresolved", "open", "acknowledged", "resolved", "all"] as const;
export type StateFilter = (typeof STATE_FILTERS)[number];

/** What the list of incidents keeps in its URL besides what every page does. */
export interface IncidentsSearch {
  /** Absent: those that are not over. */
  state?: Exclude<StateFilter, "unresolved">;
}

/** Strange values are left out, never an error. */
export function readIncidentsSearch(raw: Record<string, unknown>): IncidentsSearch {
  const state = STATE_FILTERS.find((known) => known === raw.state);
  return state && state !== "unresolved" ? { state } : {};
}

/** The states that a filter stands for; empty for all. */
export function statesOf(filter: StateFilter): readonly IncidentState[] {
  if (filter === "all") return [];
  return filter === "unresolved" ? ["open", "acknowledged"] : [filter];
}
