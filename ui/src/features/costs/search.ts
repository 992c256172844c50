import { SPEND_BY, type SpendBy } from "@/api/costs";

/** What the page of costs keeps in its URL besides what every page does. */
export interface CostsSearch {
  /** Such as `2026-11`; absent for the present one. */
  month?: string;
  by?: SpendBy;
  /** Spend over the range in the header instead of the month. */
  over?: "range";
}

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

export function readCostsSearch(raw: Record<string, unknown>): CostsSearch {
  const search: CostsSearch = {};
  if (typeof raw.month === "string" && MONTH.test(raw.month)) search.month = raw.month;
  const by = SPEND_BY.find((known) => known === raw.by);
  if (by) search.by = by;
  if (raw.over === "range") search.over = "range";
  return search;
}

/** The month some months later than another, both as `2026-11`. */
export function monthAfter(month: string, months: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}
