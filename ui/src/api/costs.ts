/** What things cost: the month, whose spend it is, what could be saved, and budgets. */

import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Bounds } from "@/lib/time-range";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];
export type CostSummary = Schemas["SummaryView"];
export type CostDay = Schemas["DayView"];
export type Projection = Schemas["ProjectionView"];
export type Spend = Schemas["SpendView"];
export type SpendRow = Schemas["SpendRowView"];
export type SpendBy = Schemas["By"];
export type Advice = Schemas["AdviceView"];
export type Suggestion = Schemas["SuggestionView"];
export type Budget = Schemas["BudgetView"];
export type BudgetUse = Schemas["BudgetUseView"];
export type BudgetTerms = Schemas["BudgetTerms"];
export type BudgetPeriod = Schemas["Period"];

export const SPEND_BY = ["model", "service", "user", "prompt", "environment"] as const satisfies SpendBy[];
export const PERIODS = ["day", "week", "month"] as const satisfies BudgetPeriod[];
/** A month's sums are read anew at most this often, however quickly windows close. */
const REFRESH_MS = 60_000;

export const costKeys = {
  all: ["costs"] as const,
  summary: (scope: Scope, month: string | null) =>
    [...costKeys.all, "summary", scope.project ?? null, month] as const,
  spend: (scope: Scope, by: SpendBy, bounds: Partial<Bounds>) =>
    [...costKeys.all, "spend", scope.project ?? null, by, bounds] as const,
  advice: (scope: Scope) => [...costKeys.all, "advice", scope.project ?? null] as const,
  budgets: (scope: Scope) => [...costKeys.all, "budgets", scope.project ?? null] as const,
};

/** An amount as the server writes it, exact to the last digit, as a number to be shown. */
export function usdOf(amount: string | null): number | null {
  return amount === null ? null : Number(amount);
}

/** A month so far and what it will have cost; the present one without a name. */
export function costSummaryQuery(scope: Scope, month?: string) {
  return queryOptions({
    queryKey: costKeys.summary(scope, month ?? null),
    queryFn: ({ signal }) => {
      const query = { ...projectOf(scope), ...(month ? { month } : {}) };
      return ask(client.GET("/api/v1/costs/summary", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

/** Spend of a range by something, dearest first. */
export function spendQuery(scope: Scope, by: SpendBy, bounds: Partial<Bounds>) {
  return queryOptions({
    queryKey: costKeys.spend(scope, by, bounds),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/costs/spend", {
          params: { query: { ...projectOf(scope), ...bounds, by } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

/** What could be saved; it reads a month of calls, so it is kept for a while. */
export function adviceQuery(scope: Scope) {
  return queryOptions({
    queryKey: costKeys.advice(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/costs/advice", { params: { query: projectOf(scope) }, signal })),
    staleTime: 5 * 60_000,
  });
}

/** Budgets with how much of each is used. */
export function budgetsQuery(scope: Scope) {
  return queryOptions({
    queryKey: costKeys.budgets(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/costs/budgets", { params: { query: projectOf(scope) }, signal })),
    select: (answer) => answer.budgets,
    refetchInterval: REFRESH_MS,
  });
}

export function useSaveBudget(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ name, terms }: { name: string; terms: BudgetTerms }) =>
      ask(
        client.PUT("/api/v1/costs/budgets/{name}", {
          params: { path: { name }, query: projectOf(scope) },
          body: terms,
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: costKeys.budgets(scope) }),
  });
}

export function useRemoveBudget(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      ask(
        client.DELETE("/api/v1/costs/budgets/{name}", {
          params: { path: { name }, query: projectOf(scope) },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: costKeys.budgets(scope) }),
  });
}
