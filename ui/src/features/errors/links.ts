import type { ErrorGroup, ErrorGroupDetail } from "@/api/error-groups";
import { keptSearch, type PageSearch } from "@/lib/page-state";
import { type TracesSearchLink, tracesBetween } from "@/lib/trace-links";

/** Failed spans like those of a group; a message is no condition, because it differs each time. */
function filterOf(group: ErrorGroup): string[] {
  const conditions = [
    ["error_class", group.error_class],
    ["error_type", group.error_type],
    ["service", group.service],
  ] as const;
  return [
    "status:eq:error",
    ...conditions.flatMap(([column, value]) => (value === null ? [] : [`${column}:eq:${value}`])),
  ];
}

/** The list of traces that failed like a group, over the time of the page, or when it was last seen. */
export function tracesOfGroup(search: PageSearch, group: ErrorGroupDetail): TracesSearchLink {
  const filter = filterOf(group);
  if (group.count > 0) return { ...keptSearch(search), filter };
  return tracesBetween(search, filter, { first_at: group.last_seen, last_at: group.last_seen });
}
