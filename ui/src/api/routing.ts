/** The routing tree: which alerts go to which channels. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type Routing = components["schemas"]["RoutingView"];
export type Ways = components["schemas"]["WaysView"];
/** A node of the tree; what is absent is as in the node above. */
export interface RouteNode {
  matchers?: string[];
  receivers?: string[];
  group_by?: string[];
  group_wait?: string;
  group_interval?: string;
  repeat_interval?: string;
  language?: string;
  continue?: boolean;
  routes?: RouteNode[];
}

export const routingKeys = {
  all: ["routing"] as const,
  tree: (scope: Scope) => [...routingKeys.all, "tree", scope.project ?? null] as const,
  yaml: (scope: Scope, revision: string) =>
    [...routingKeys.all, "yaml", scope.project ?? null, revision] as const,
};

export function routingQuery(scope: Scope) {
  return queryOptions({
    queryKey: routingKeys.tree(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/notifications/routes", { params: { query: projectOf(scope) }, signal })),
  });
}

/** The tree as YAML; another revision is another text. */
export function routingYamlQuery(scope: Scope, revision: string) {
  return queryOptions({
    queryKey: routingKeys.yaml(scope, revision),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/notifications/routes/yaml", { params: { query: projectOf(scope) }, signal })),
    select: (answer) => answer.yaml,
  });
}

interface Save {
  yaml: string;
  /** The revision that was edited. */
  revision: string;
}

export function useSaveRouting(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: Save) =>
      ask(client.PUT("/api/v1/notifications/routes/yaml", { params: { query: projectOf(scope) }, body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: routingKeys.all }),
  });
}

/** Where an alert with some labels would lead now. */
export function useTryRouting(scope: Scope) {
  return useMutation({
    mutationFn: (labels: Record<string, string>) =>
      ask(
        client.POST("/api/v1/notifications/routes/test", {
          params: { query: projectOf(scope) },
          body: { labels },
        }),
      ),
  });
}
