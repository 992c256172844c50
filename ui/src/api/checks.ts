import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];
export type Checklist = Schemas["ChecklistView"];
export type CheckReport = Schemas["ReportView"];
export type CheckItem = Schemas["ItemView"];

const PAGE_ROWS = 20;
/** Lists are run by schedules and from command lines too. */
const REFRESH_MS = 60_000;

export const checkKeys = {
  all: ["checks"] as const,
  lists: (scope: Scope) => [...checkKeys.all, "lists", scope.project ?? null] as const,
  reports: (scope: Scope, list: string) =>
    [...checkKeys.all, "reports", scope.project ?? null, list] as const,
  report: (scope: Scope, id: string) => [...checkKeys.all, "report", scope.project ?? null, id] as const,
};

/** Every checklist with its newest report. */
export function checklistsQuery(scope: Scope) {
  return queryOptions({
    queryKey: checkKeys.lists(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/checks", { params: { query: projectOf(scope) }, signal })),
    select: (answer) => answer.lists,
    refetchInterval: REFRESH_MS,
  });
}

/** Earlier reports of a list, newest first, page by page. */
export function reportsQuery(scope: Scope, list: string) {
  return infiniteQueryOptions({
    queryKey: checkKeys.reports(scope, list),
    queryFn: ({ pageParam, signal }) => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const query = { ...projectOf(scope), list, limit: PAGE_ROWS, ...cursor };
      return ask(client.GET("/api/v1/checks/reports", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** One report; it never changes. */
export function reportQuery(scope: Scope, id: string) {
  return queryOptions({
    queryKey: checkKeys.report(scope, id),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/checks/reports/{report_id}", {
          params: { path: { report_id: id }, query: projectOf(scope) },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Look at everything on a list now. */
export function useRunChecklist(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ list, notify }: { list: string; notify: boolean }) =>
      ask(
        client.POST("/api/v1/checks/{name}/run", {
          params: { path: { name: list }, query: projectOf(scope) },
          body: { notify, items: "", settings: {}, variables: {} },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: checkKeys.all }),
  });
}
