/** Channels: where messages go. Their addresses and secrets are sent, never shown. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { WATCH_MS } from "./alerts";
import { ask, client, projectOf, type Scope } from "./client";
import { deliveryKeys } from "./deliveries";
import type { components } from "./schema.gen";

export type Channel = components["schemas"]["ChannelView"];
export type ChannelContent = components["schemas"]["ChannelBody"];

export const channelKeys = {
  all: ["channels"] as const,
  list: (scope: Scope) => [...channelKeys.all, scope.project ?? null] as const,
};

/** Channels by name, with how they do. */
export function channelsQuery(scope: Scope) {
  return queryOptions({
    queryKey: channelKeys.list(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/notifications/channels", { params: { query: projectOf(scope) }, signal })),
    select: (answer) => answer.channels,
    refetchInterval: WATCH_MS,
  });
}

interface Save {
  name: string;
  content: ChannelContent;
}

export function useSaveChannel(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ name, content }: Save) =>
      ask(
        client.PUT("/api/v1/notifications/channels/{name}", {
          params: { path: { name }, query: projectOf(scope) },
          body: content,
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: channelKeys.all }),
  });
}

export function useDeleteChannel(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      ask(
        client.DELETE("/api/v1/notifications/channels/{name}", {
          params: { path: { name }, query: projectOf(scope) },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: channelKeys.all }),
  });
}

/** Send a test now; the answer says what became of it, and the log keeps it. */
export function useTestChannel(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      ask(
        client.POST("/api/v1/notifications/channels/{name}/test", {
          params: { path: { name }, query: projectOf(scope) },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: deliveryKeys.all }),
  });
}
