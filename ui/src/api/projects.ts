import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "./client";
import type { components } from "./schema.gen";

export type Project = components["schemas"]["ProjectView"];

/** Projects that the caller may look at. */
export function projectsQuery() {
  return queryOptions({
    queryKey: ["projects"],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/projects", { signal })),
    select: (answer) => answer.projects,
    staleTime: 60_000,
  });
}
