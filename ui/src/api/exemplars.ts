import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";
import { signalKeys } from "./signals";

export type Exemplar = components["schemas"]["ExemplarView"];
export type Exemplars = components["schemas"]["ExemplarsView"];

/** Whose traces: a value of a signal in a window, of one series or of all. */
export interface ExemplarQuestion {
  name: string;
  since: string;
  until?: string;
  where?: string;
  /** Of the series, as `key:value`. */
  label?: string[];
  limit?: number;
}

/** The traces behind a value, the worst first. */
export function exemplarsQuery(scope: Scope, question: ExemplarQuestion) {
  return queryOptions({
    queryKey: [...signalKeys.all, "exemplars", scope.project ?? null, question],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/signals/exemplars", {
          params: { query: { ...projectOf(scope), ...question } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}
