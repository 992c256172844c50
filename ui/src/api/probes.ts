import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components, paths } from "./schema.gen";

type Schemas = components["schemas"];
export type Probe = Schemas["ProbeView"];
export type ProbeStatus = Schemas["ProbeStatus"];
/** A probe as it is saved; each kind has its own fields. */
export type ProbeContent =
  paths["/api/v1/probes/{name}"]["put"]["requestBody"]["content"]["application/json"];
export type ProbeKind = ProbeContent["kind"];

export const PROBE_KINDS = [
  ...(["http", "tcp", "ollama", "chroma", "redis", "postgres", "disk"] as const),
] as const satisfies ProbeKind[];
/** Probes run every half minute unless somebody said otherwise. */
const REFRESH_MS = 15_000;

export const probeKeys = {
  all: ["probes"] as const,
  list: (scope: Scope) => [...probeKeys.all, "list", scope.project ?? null] as const,
};

/** Probes by name, each with how its service is and was. */
export function probesQuery(scope: Scope) {
  return queryOptions({
    queryKey: probeKeys.list(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/probes", { params: { query: projectOf(scope) }, signal })),
    select: (answer) => answer.probes,
    refetchInterval: REFRESH_MS,
  });
}

export function useSaveProbe(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (probe: ProbeContent) =>
      ask(
        client.PUT("/api/v1/probes/{name}", {
          params: { path: { name: probe.name }, query: projectOf(scope) },
          body: probe,
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: probeKeys.all }),
  });
}

export function useRemoveProbe(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      ask(client.DELETE("/api/v1/probes/{name}", { params: { path: { name }, query: projectOf(scope) } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: probeKeys.all }),
  });
}

/** Ask the service now. */
export function useRunProbe(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      ask(client.POST("/api/v1/probes/{name}/run", { params: { path: { name }, query: projectOf(scope) } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: probeKeys.all }),
  });
}
