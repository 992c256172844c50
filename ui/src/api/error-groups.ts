import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Bounds } from "@/lib/time-range";
import { ask, client, filtersOf, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];
/** Failures that are alike: of one class, type, message and service. */
export type ErrorGroup = Schemas["ErrorGroupView"];
/** One such group with its splits, samples and stack. */
export type ErrorGroupDetail = Schemas["ErrorGroupAnswer"];
export type ErrorSample = Schemas["ErrorSampleView"];
export type ErrorSplit = Schemas["ErrorSplitView"];
export type ErrorSplits = Schemas["ErrorSplits"];
export type GroupStatus = Schemas["GroupStatus"];

export const GROUP_STATUSES = ["new", "regressed", "ongoing", "quiet"] as const satisfies GroupStatus[];
const PAGE_ROWS = 50;

export interface GroupsQuestion {
  bounds: Bounds;
  status?: GroupStatus[] | undefined;
  errorClass?: string | undefined;
  /** Part of the message. */
  text?: string | undefined;
}

export const errorGroupKeys = {
  all: ["error-groups"] as const,
  list: (scope: Scope, question: GroupsQuestion) => [...errorGroupKeys.all, "list", scope, question] as const,
  one: (scope: Scope, bounds: Bounds, id: string) =>
    [...errorGroupKeys.all, "one", scope, bounds, id] as const,
};

/** Groups of a range, the most frequent first, page by page. */
export function errorGroupsQuery(scope: Scope, question: GroupsQuestion) {
  const { bounds, status = [], errorClass, text } = question;
  const filter = [
    ...filtersOf(scope),
    ...(errorClass ? [`error_class:eq:${errorClass}`] : []),
    ...(text ? [`status_message:contains:${text}`] : []),
  ];
  return infiniteQueryOptions({
    queryKey: errorGroupKeys.list(scope, question),
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const query = { ...projectOf(scope), ...bounds, filter, status, limit: PAGE_ROWS, ...cursor };
      return ask(client.GET("/api/v1/errors/groups", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    meta: { live: true },
  });
}

/** One group over a range, with splits and samples. */
export function errorGroupQuery(scope: Scope, bounds: Bounds, id: string) {
  return queryOptions({
    queryKey: errorGroupKeys.one(scope, bounds, id),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/errors/groups/{group_id}", {
          params: {
            path: { group_id: id },
            query: { ...projectOf(scope), ...bounds, filter: filtersOf(scope), limit: 20 },
          },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    meta: { live: true },
  });
}
