/** What was asked of models, as the server keeps it. */

import { queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type LlmCall = components["schemas"]["CallDetail"];

/** One call by its key, with its texts. */
export function llmCallQuery(scope: Scope, key: string) {
  return queryOptions({
    queryKey: ["llm-calls", scope.project ?? null, key],
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/llm/calls/{key}", {
          params: { path: { key }, query: projectOf(scope) },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
