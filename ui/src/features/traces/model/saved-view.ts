/** What a saved view keeps of the list: filters, text, columns and order, but not the time. */

import { readTracesSearch, type TracesSearch } from "../search";
import type { TracesState } from "../use-traces-state";

type Kept = Pick<TracesState, "filters" | "q" | "sort" | "level" | "cols">;

const KEYS = ["filter", "q", "sort", "level", "cols"] as const;

export function viewOf({ filters, q, sort, level, cols }: Kept): Record<string, string> {
  return {
    ...(filters.length ? { filter: JSON.stringify(filters) } : {}),
    ...(q ? { q } : {}),
    ...(sort === "newest" ? {} : { sort }),
    ...(level === "trace" ? {} : { level }),
    ...(cols ? { cols: cols.join(",") } : {}),
  };
}

/** The search that a view stands for; what it does not name is taken away. */
export function readView(query: Readonly<Record<string, string>>): {
  [Key in keyof TracesSearch]: TracesSearch[Key] | undefined;
} {
  const read = readTracesSearch({ ...query, filter: readFilters(query.filter) });
  return Object.fromEntries(KEYS.map((key) => [key, read[key]])) as never;
}

function readFilters(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "[]");
  } catch {
    return text;
  }
}

export function isSameView(
  left: Readonly<Record<string, string>>,
  right: Readonly<Record<string, string>>,
): boolean {
  return JSON.stringify(readView(left)) === JSON.stringify(readView(right));
}
