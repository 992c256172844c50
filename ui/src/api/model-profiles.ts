/** Which models there are to judge: the profiles that the server knows. */

import { queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";

export function modelProfilesQuery(scope: Scope) {
  return queryOptions({
    queryKey: ["model-profiles", scope.project ?? null],
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/llm/profiles", { params: { query: projectOf(scope) }, signal })),
  });
}
