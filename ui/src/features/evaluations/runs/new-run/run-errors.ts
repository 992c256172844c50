import { ApiProblem, placedErrorsOf } from "@/api/problem";
import { pickText } from "@/i18n";
import type { Language } from "@/i18n/languages";

/** The fields of the form by what the server calls them. */
const FIELDS = [
  ...["dataset", "mode", "preset", "metrics", "profile", "name", "limit", "seed", "repeats", "trackers"],
  ...["budget.max_calls", "budget.max_cost_usd", "budget.max_minutes"],
  ...["target.url", "target.body", "target.answer", "target.contexts", "target.tool_calls", "target.usage"],
  ...["target.headers", "target.timeout_seconds", "target.retries", "target.concurrency", "thresholds"],
];
/** Fields that can always be seen. */
const SHOWN = ["dataset", "mode", "preset", "metrics", "profile"];
/** Errors that are about one field by their kind. */
const FIELD_OF_CODE: Readonly<Record<string, string>> = {
  "dataset.not_found": "dataset",
  "metric.unknown": "metrics",
  "metric.option_invalid": "metrics",
  "models.profile_unknown": "profile",
  "models.profile_unusable": "profile",
  "eval_tracker.not_configured": "trackers",
};

export interface RunErrors {
  /** What is wrong with a field, and nothing if all is well. */
  at: (field: string) => string | undefined;
  /** Whether something is wrong that stands behind the disclosure. */
  isBehind: boolean;
  /** What is about no field. */
  rest: Error | null;
}

/** Say at which fields what the server refused is wrong. */
export function runErrors(errors: readonly (Error | null)[], language: Language): RunErrors {
  const found = new Map<string, string[]>();
  let rest: Error | null = null;
  for (const error of errors) {
    if (!error) continue;
    const placed = placesOf(error, language);
    if (placed.length === 0) rest = error;
    for (const { field, text } of placed) {
      const known = found.get(field) ?? [];
      if (!known.includes(text)) found.set(field, [...known, text]);
    }
  }
  const behind = [...found.keys()].some((field) => !SHOWN.includes(field));
  return { at: (field) => shortly(found.get(field)), isBehind: behind, rest };
}

/** The first of several, with how many more there are. */
function shortly([first, ...others]: readonly string[] = []): string | undefined {
  return others.length > 0 ? `${first} (+${others.length})` : first;
}

/** Nothing if one of its parts is about no field, so that nothing stays unsaid. */
function placesOf(error: Error, language: Language): { field: string; text: string }[] {
  if (!(error instanceof ApiProblem)) return [];
  const byCode = FIELD_OF_CODE[error.code];
  if (byCode) return [{ field: byCode, text: error.message }];
  const placed = placedErrorsOf(error).map(({ where, message, text }) => ({
    field: fieldOf(where),
    text: text ? pickText(text, language) : message,
  }));
  return placed.every(({ field }) => field !== null) ? (placed as { field: string; text: string }[]) : [];
}

/** `body.target.http.url` is `target.url`; an entry of a list is the list. */
function fieldOf(where: string): string | null {
  const path = where.replace(/^body\./, "").replace(/^target\.(http|stored)\./, "target.");
  if (path.startsWith("thresholds.")) return path;
  return FIELDS.find((field) => path === field || path.startsWith(`${field}.`)) ?? null;
}
