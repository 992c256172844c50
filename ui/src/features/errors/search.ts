import { GROUP_STATUSES, type GroupStatus } from "@/api/error-groups";

export const ERROR_CLASSES = [
  ...(["timeout", "rate_limit", "token_limit", "provider", "parse", "validation"] as const),
  ...(["guardrail", "auth", "network", "cancelled", "internal"] as const),
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** What the list of errors keeps in its URL besides what every page does. */
export interface ErrorsSearch {
  status?: GroupStatus[];
  class?: ErrorClass;
  /** Part of the message. */
  q?: string;
}

export function readErrorsSearch(raw: Record<string, unknown>): ErrorsSearch {
  const search: ErrorsSearch = {};
  const wanted: readonly unknown[] = Array.isArray(raw.status) ? raw.status : [raw.status];
  const status = GROUP_STATUSES.filter((known) => wanted.includes(known));
  if (status.length) search.status = status;
  const errorClass = ERROR_CLASSES.find((known) => known === raw.class);
  if (errorClass) search.class = errorClass;
  if (typeof raw.q === "number" || (typeof raw.q === "string" && raw.q)) search.q = String(raw.q);
  return search;
}
