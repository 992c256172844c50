/** Maintenance windows: times in which nobody is told, once or every week. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type MaintenanceWindow = components["schemas"]["MaintenanceView"];
export type MaintenanceContent = components["schemas"]["MaintenanceBody"];

export const maintenanceKeys = {
  all: ["maintenance"] as const,
  list: (scope: Scope) => [...maintenanceKeys.all, scope.project ?? null] as const,
};

export function maintenanceQuery(scope: Scope) {
  return queryOptions({
    queryKey: maintenanceKeys.list(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/notifications/maintenance", { params: { query: projectOf(scope) }, signal })),
    select: (answer) => answer.maintenance,
  });
}

interface Save {
  name: string;
  content: MaintenanceContent;
}

export function useSaveMaintenance(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ name, content }: Save) =>
      ask(
        client.PUT("/api/v1/notifications/maintenance/{name}", {
          params: { path: { name }, query: projectOf(scope) },
          body: content,
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: maintenanceKeys.all }),
  });
}

export function useDeleteMaintenance(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      ask(
        client.DELETE("/api/v1/notifications/maintenance/{name}", {
          params: { path: { name }, query: projectOf(scope) },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: maintenanceKeys.all }),
  });
}
