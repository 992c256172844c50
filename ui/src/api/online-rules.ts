/** Rules that score a sample of live traces, within a budget for each day. */

import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type OnlineRule = components["schemas"]["OnlineRuleView"];
export type OnlineRuleDetail = components["schemas"]["OnlineRuleDetail"];
export type OnlineScore = components["schemas"]["OnlineScoreView"];
export type OnlineFailure = components["schemas"]["OnlineFailureView"];
/** What people write of a rule. */
export type OnlineRuleBody = components["schemas"]["OnlineRuleBody"];

/** Rules score in rounds of some seconds. */
const WATCH_MS = 15_000;

const onlineKeys = {
  all: ["online-rules"] as const,
  list: (scope: Scope) => [...onlineKeys.all, "list", scope.project ?? null] as const,
  one: (scope: Scope, name: string) => [...onlineKeys.all, "one", scope.project ?? null, name] as const,
};

export function onlineRulesQuery(scope: Scope) {
  return queryOptions({
    queryKey: onlineKeys.list(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/evals/online/rules", { params: { query: projectOf(scope) }, signal })),
    select: (answer) => answer.rules,
    refetchInterval: WATCH_MS,
  });
}

/** A rule with what it said last and its last errors. */
export function onlineRuleQuery(scope: Scope, name: string) {
  return queryOptions({
    queryKey: onlineKeys.one(scope, name),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/evals/online/rules/{name}", {
          params: { path: { name }, query: projectOf(scope) },
          signal,
        }),
      ),
    refetchInterval: WATCH_MS,
  });
}

/** Make a rule or change it; it scores traces that arrive from then on. */
export function useSaveOnlineRule(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ name, body }: { name: string; body: OnlineRuleBody }) =>
      ask(
        client.PUT("/api/v1/evals/online/rules/{name}", {
          params: { path: { name }, query: projectOf(scope) },
          body,
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: onlineKeys.all }),
  });
}

/** Pause a rule, or let it go on. */
export function useSwitchOnlineRule(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ name, isEnabled }: { name: string; isEnabled: boolean }) =>
      ask(
        client.POST("/api/v1/evals/online/rules/{name}/switch", {
          params: { path: { name }, query: projectOf(scope) },
          body: { is_enabled: isEnabled },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: onlineKeys.all }),
  });
}

/** Forget a rule; the scores that it gave stay. */
export function useDeleteOnlineRule(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      ask(
        client.DELETE("/api/v1/evals/online/rules/{name}", {
          params: { path: { name }, query: projectOf(scope) },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: onlineKeys.all }),
  });
}
