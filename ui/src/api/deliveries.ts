/** Deliveries: messages, and what became of them. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { WATCH_MS } from "./alerts";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type Delivery = components["schemas"]["DeliveryView"];
export type WholeDelivery = components["schemas"]["WholeDeliveryView"];

const PAGE_ROWS = 50;

export interface DeliveriesQuestion {
  channel?: string | undefined;
}

export const deliveryKeys = {
  all: ["deliveries"] as const,
  list: (scope: Scope, question: DeliveriesQuestion) =>
    [...deliveryKeys.all, "list", scope.project ?? null, question] as const,
  one: (scope: Scope, id: string) => [...deliveryKeys.all, "one", scope.project ?? null, id] as const,
};

/** Deliveries, newest first, page by page. */
export function deliveriesQuery(scope: Scope, { channel }: DeliveriesQuestion) {
  return infiniteQueryOptions({
    queryKey: deliveryKeys.list(scope, { channel }),
    queryFn: ({ pageParam, signal }) => {
      const query = {
        ...projectOf(scope),
        limit: PAGE_ROWS,
        ...(channel ? { channel } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return ask(client.GET("/api/v1/notifications/deliveries", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: WATCH_MS,
  });
}

/** One delivery with what it says. */
export function deliveryQuery(scope: Scope, id: string) {
  return queryOptions({
    queryKey: deliveryKeys.one(scope, id),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/notifications/deliveries/{delivery_id}", {
          params: { path: { delivery_id: id }, query: projectOf(scope) },
          signal,
        }),
      ),
  });
}
