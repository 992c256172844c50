/** Rules that make alerts: those of packs and of the team. */

import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { alertKeys, WATCH_MS } from "./alerts";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type AlertRule = components["schemas"]["RuleView"];
/** What of a rule people write. */
export type RuleContent = Omit<components["schemas"]["RuleSave"], "revision">;
export type RulePreview = components["schemas"]["PreviewView"];

export const ruleKeys = {
  all: [...alertKeys.all, "rules"] as const,
  list: (scope: Scope) => [...ruleKeys.all, "list", scope.project ?? null] as const,
  one: (scope: Scope, name: string) => [...ruleKeys.all, "one", scope.project ?? null, name] as const,
  yaml: (scope: Scope, name: string) => [...ruleKeys.all, "yaml", scope.project ?? null, name] as const,
  preview: (scope: Scope, question: PreviewQuestion) =>
    [...ruleKeys.all, "preview", scope.project ?? null, question] as const,
};

/** Rules of packs and of the team with how their evaluation goes. */
export function rulesQuery(scope: Scope) {
  return queryOptions({
    queryKey: ruleKeys.list(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/alerts/rules", { params: { query: projectOf(scope) }, signal })),
    select: (answer) => answer.rules,
    refetchInterval: WATCH_MS,
    meta: { watched: true },
  });
}

export function ruleQuery(scope: Scope, name: string) {
  return queryOptions({
    queryKey: ruleKeys.one(scope, name),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/alerts/rules/{name}", {
          params: { path: { name }, query: projectOf(scope) },
          signal,
        }),
      ),
  });
}

interface PreviewQuestion {
  rule: RuleContent;
  since: string;
  until: string;
}

/** What a rule would have done; nothing is saved. */
export function previewQuery(scope: Scope, question: PreviewQuestion | null) {
  return queryOptions({
    queryKey: ruleKeys.preview(scope, question as PreviewQuestion),
    queryFn: async ({ signal }) => {
      const answer = await ask(
        client.POST("/api/v1/alerts/rules/preview", {
          params: { query: projectOf(scope) },
          body: question as PreviewQuestion,
          signal,
        }),
      );
      // The client's type of an answer forgets how many parts a point has.
      return answer as RulePreview;
    },
    enabled: question !== null,
    placeholderData: keepPreviousData,
    staleTime: 5 * 60_000,
    retry: false,
  });
}

interface Save {
  rule: RuleContent;
  /** The revision that was edited; empty for a new rule. */
  revision: string;
}

/** Let a rule be evaluated or not. */
export function useSwitchRule(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ name, isEnabled }: { name: string; isEnabled: boolean }) =>
      ask(
        client.POST("/api/v1/alerts/rules/{name}/switch", {
          params: { path: { name }, query: projectOf(scope) },
          body: { is_enabled: isEnabled },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: alertKeys.all }),
  });
}

/** Save a rule; what it says begins to hold at once. */
export function useSaveRule(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ rule, revision }: Save) =>
      ask(
        client.PUT("/api/v1/alerts/rules/{name}", {
          params: { path: { name: rule.name }, query: projectOf(scope) },
          body: { ...rule, revision },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: alertKeys.all }),
  });
}

/** Forget what the team saved; a changed rule of a pack goes back to the pack's. */
export function useDeleteRule(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      ask(
        client.DELETE("/api/v1/alerts/rules/{name}", {
          params: { path: { name }, query: projectOf(scope) },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: alertKeys.all }),
  });
}

/** Read YAML as a rule; nothing is saved. */
export function useParseRule(scope: Scope) {
  return useMutation({
    mutationFn: (yaml: string) =>
      ask(client.POST("/api/v1/alerts/rules/parse", { params: { query: projectOf(scope) }, body: { yaml } })),
  });
}
