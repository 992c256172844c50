/** Silences: alerts of which nobody is told for a while. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { alertKeys } from "./alerts";
import { ask, client, projectOf, type Scope } from "./client";
import { incidentKeys } from "./incidents";
import type { components } from "./schema.gen";

export type Silence = components["schemas"]["SilenceView"];

export const silenceKeys = {
  all: ["silences"] as const,
  list: (scope: Scope) => [...silenceKeys.all, scope.project ?? null] as const,
};

export function silencesQuery(scope: Scope) {
  return queryOptions({
    queryKey: silenceKeys.list(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/notifications/silences", { params: { query: projectOf(scope) }, signal })),
    select: (answer) => answer.silences,
  });
}

/** What is told is shown on alerts and incidents too. */
function useForget() {
  const cache = useQueryClient();
  return () =>
    Promise.all(
      [silenceKeys.all, alertKeys.all, incidentKeys.all].map((queryKey) =>
        cache.invalidateQueries({ queryKey }),
      ),
    );
}

export type NewSilence = components["schemas"]["SilenceBody"];

export function useSilence(scope: Scope) {
  const onSuccess = useForget();
  return useMutation({
    mutationFn: (body: NewSilence) =>
      ask(client.POST("/api/v1/notifications/silences", { params: { query: projectOf(scope) }, body })),
    onSuccess,
  });
}

export function useEndSilence(scope: Scope) {
  const onSuccess = useForget();
  return useMutation({
    mutationFn: (id: string) =>
      ask(
        client.DELETE("/api/v1/notifications/silences/{silence_id}", {
          params: { path: { silence_id: id }, query: projectOf(scope) },
        }),
      ),
    onSuccess,
  });
}
