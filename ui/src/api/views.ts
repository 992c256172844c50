import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type SavedView = components["schemas"]["SavedViewView"];

export const viewKeys = {
  all: ["views"] as const,
  page: (scope: Scope, page: string) => [...viewKeys.all, scope.project ?? null, page] as const,
};

/** The views that a project keeps of a page. */
export function viewsQuery(scope: Scope, page: string) {
  return queryOptions({
    queryKey: viewKeys.page(scope, page),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/views", { params: { query: { ...projectOf(scope), page } }, signal })),
    select: (answer) => answer.views,
  });
}

interface NewView {
  name: string;
  page: string;
  query: Record<string, string>;
}

export function useSaveView(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: NewView) =>
      ask(client.POST("/api/v1/views", { params: { query: projectOf(scope) }, body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: viewKeys.all }),
  });
}

export function useDeleteView(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      ask(
        client.DELETE("/api/v1/views/{view_id}", {
          params: { path: { view_id: id }, query: projectOf(scope) },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: viewKeys.all }),
  });
}
