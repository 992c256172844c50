import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, client } from "./client";
import type { components } from "./schema.gen";

export type Session = components["schemas"]["UiSessionView"];

/** Who the server takes us for. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => ask(client.GET("/api/v1/session", { signal })),
  staleTime: 5 * 60_000,
});

/** Give a key; everything is asked again with it. */
export function useLogIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (key: string) => ask(client.POST("/api/v1/session", { body: { key } })),
    onSuccess: () => cache.invalidateQueries(),
  });
}

/** Give up the log-in; everything known is forgotten. */
export function useLogOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => ask(client.DELETE("/api/v1/session")),
    onSuccess: () => cache.resetQueries(),
  });
}
