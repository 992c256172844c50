import { CURRENT_STATES, type Severity } from "@/api/alerts";

export const STATE_FILTERS = ["current", ...CURRENT_STATES, "resolved"] as const;
export type StateFilter = (typeof STATE_FILTERS)[number];
export const SEVERITIES = ["critical", "warning", "info"] as const satisfies readonly Severity[];

/** What the list of alerts keeps in its URL besides what every page does. */
export interface AlertsSearch {
  /** Absent: all that people have to know of. */
  state?: Exclude<StateFilter, "current">;
  severity?: Severity;
  rule?: string;
}

/** Strange values are left out, never an error. */
export function readAlertsSearch(raw: Record<string, unknown>): AlertsSearch {
  const state = STATE_FILTERS.find((known) => known === raw.state && known !== "current");
  const severity = SEVERITIES.find((known) => known === raw.severity);
  return {
    ...(state && state !== "current" ? { state } : {}),
    ...(severity ? { severity } : {}),
    ...(typeof raw.rule === "string" && raw.rule ? { rule: raw.rule } : {}),
  };
}

/** What the list of rules keeps in its URL besides what every page does. */
export interface RulesSearch {
  /** Text in names and titles. */
  find?: string;
}

export function readRulesSearch(raw: Record<string, unknown>): RulesSearch {
  const find = typeof raw.find === "number" ? String(raw.find) : raw.find;
  return typeof find === "string" && find.trim() ? { find } : {};
}

/** What the address of a new rule may bring along. */
export interface NewRuleSearch {
  /** Name of the signal that it begins with. */
  signal?: string;
}

export function readNewRuleSearch(raw: Record<string, unknown>): NewRuleSearch {
  return typeof raw.signal === "string" && raw.signal ? { signal: raw.signal } : {};
}
