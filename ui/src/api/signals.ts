import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "./client";
import type { components } from "./schema.gen";

export type Signal = components["schemas"]["SignalView"];

export const signalKeys = {
  all: ["signals"] as const,
  catalogue: () => [...signalKeys.all, "catalogue"] as const,
};

/** The catalogue; it changes only when a server starts with other packs. */
export const catalogueQuery = queryOptions({
  queryKey: signalKeys.catalogue(),
  queryFn: ({ signal }) => ask(client.GET("/api/v1/signals", { signal })),
  select: (answer) => answer.signals,
  staleTime: 10 * 60_000,
});
