import { keptSearch, type PageSearch } from "./page-state";

/** What leads to the list of traces with conditions, over a time that holds them. */
export interface TracesSearchLink extends PageSearch {
  filter: string[];
}

/** The search of a link to traces of something, from its first to its last. */
export function tracesBetween(
  search: PageSearch,
  filter: string[],
  times: { first_at: string; last_at: string },
): TracesSearchLink {
  const { range: _, ...kept } = keptSearch(search);
  // The end is not part of a range, and a trace begins before it ends.
  const until = new Date(Date.parse(times.last_at) + 1000).toISOString();
  return { ...kept, since: new Date(Date.parse(times.first_at)).toISOString(), until, filter };
}

const ORDER = "pitwall.trace-order";

/** The traces before and after one in the list that a person came from; null at its ends, or without a list. */
export function neighboursOf(traceId: string): { previous: string | null; next: string | null } {
  const order = readOrder();
  const place = order.indexOf(traceId);
  if (place < 0) return { previous: null, next: null };
  return { previous: order[place - 1] ?? null, next: order[place + 1] ?? null };
}

function readOrder(): string[] {
  try {
    const order: unknown = JSON.parse(sessionStorage.getItem(ORDER) ?? "[]");
    return Array.isArray(order) ? order.filter((id) => typeof id === "string") : [];
  } catch {
    return [];
  }
}
