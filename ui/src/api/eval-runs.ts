/** Runs of evaluations, their cases and what explains each score. */

import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type EvalRun = components["schemas"]["EvalRunView"];
/** A run looked at by itself: also what is known of the judges of its metrics. */
export type RunDetail = components["schemas"]["EvalRunDetail"];
export type TrackerLink = RunDetail["trackers"][number];
export type JudgeCalibration = RunDetail["calibration"][string];
export type RunState = EvalRun["state"];
export type RunPlan = EvalRun["plan"];
export type PlannedMetric = RunPlan["metrics"][number];
export type RunSummary = NonNullable<EvalRun["summary"]>;
export type MetricSummary = RunSummary["metrics"][string];
export type EvalCase = components["schemas"]["CaseList"]["cases"][number];
export type ShortScore = EvalCase["scores"][number];
export type CaseDetail = components["schemas"]["CaseDetail"];
export type Score = CaseDetail["scores"][number];
export type ScoreStatus = ShortScore["status"];
export type Distribution = components["schemas"]["EvalDistribution"];
export type PlannedRun = components["schemas"]["PlannedRun"];
type NewEvalRun = components["schemas"]["NewEvalRun"];
/** What is left out takes the server's default. */
export type RunRequest = Pick<NewEvalRun, "dataset"> & Partial<NewEvalRun>;

export const RUN_STATES = [
  "queued",
  "running",
  "finished",
  "stopped",
  "failed",
  "cancelled",
  "interrupted",
] as const satisfies readonly RunState[];
export const CASE_FILTERS = ["all", "failed", "passed", "unscored"] as const;
export type CaseFilter = (typeof CASE_FILTERS)[number];

const LIST_ROWS = 50;
const CASE_ROWS = 100;
/** While a run is under way; nothing asks more often. */
const UNDER_WAY_MS = 5000;
/** Runs start on other machines too. */
const LIST_MS = 30_000;

export interface RunsQuestion {
  dataset?: string | undefined;
  state?: RunState | undefined;
  limit?: number;
}

export interface CasesQuestion {
  filter: CaseFilter;
  /** Only its scores count for the filter and the order. */
  metric?: string | undefined;
  isWorstFirst: boolean;
}

export const evalRunKeys = {
  all: ["eval-runs"] as const,
  list: (scope: Scope, question: RunsQuestion) =>
    [...evalRunKeys.all, "list", scope.project ?? null, question] as const,
  one: (scope: Scope, id: string) => [...evalRunKeys.all, "one", scope.project ?? null, id] as const,
  cases: (scope: Scope, id: string, question: CasesQuestion) =>
    [...evalRunKeys.one(scope, id), "cases", question] as const,
  case: (scope: Scope, id: string, position: number) =>
    [...evalRunKeys.one(scope, id), "case", position] as const,
  plan: (scope: Scope, request: RunRequest | null) =>
    [...evalRunKeys.all, "plan", scope.project ?? null, request] as const,
  distributions: (scope: Scope, id: string) => [...evalRunKeys.one(scope, id), "distributions"] as const,
};

export function isUnderWay({ state }: Pick<EvalRun, "state">): boolean {
  return state === "queued" || state === "running";
}

/** Runs, newest first, page by page; asked again while one of them is under way. */
export function evalRunsQuery(scope: Scope, question: RunsQuestion) {
  const { dataset, state, limit = LIST_ROWS } = question;
  return infiniteQueryOptions({
    queryKey: evalRunKeys.list(scope, question),
    queryFn: ({ pageParam, signal }) => {
      const query = {
        ...projectOf(scope),
        limit,
        ...(dataset ? { dataset } : {}),
        ...(state ? { state } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return ask(client.GET("/api/v1/evals/runs", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.runs.some(isUnderWay)) ? UNDER_WAY_MS : LIST_MS,
  });
}

export function evalRunQuery(scope: Scope, id: string) {
  return queryOptions({
    queryKey: evalRunKeys.one(scope, id),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/evals/runs/{run_id}", {
          params: { path: { run_id: id }, query: projectOf(scope) },
          signal,
        }),
      ),
    refetchInterval: ({ state: { data } }) => (data && isUnderWay(data) ? UNDER_WAY_MS : false),
  });
}

/** The cases of a run with their scores, page by page. */
export function evalCasesQuery(scope: Scope, id: string, question: CasesQuestion, isLive: boolean) {
  return infiniteQueryOptions({
    queryKey: evalRunKeys.cases(scope, id, question),
    queryFn: async ({ pageParam, signal }) => {
      const query = {
        ...projectOf(scope),
        status: question.filter,
        order: question.isWorstFirst && question.metric ? ("worst" as const) : ("position" as const),
        limit: CASE_ROWS,
        ...(question.metric ? { metric: question.metric } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      const { cases, next_cursor } = await ask(
        client.GET("/api/v1/evals/runs/{run_id}/cases", {
          params: { path: { run_id: id }, query },
          signal,
        }),
      );
      return { rows: cases, next_cursor };
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: isLive ? 2 * UNDER_WAY_MS : false,
  });
}

/** One case with its answer, its texts and the evidence of each score. */
export function evalCaseQuery(scope: Scope, id: string, position: number) {
  return queryOptions({
    queryKey: evalRunKeys.case(scope, id, position),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/evals/runs/{run_id}/cases/{position}", {
          params: { path: { run_id: id, position }, query: projectOf(scope) },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** How the scores of each metric of a run are spread; asked again with the run itself. */
export function distributionsQuery(scope: Scope, run: EvalRun) {
  return queryOptions({
    queryKey: evalRunKeys.distributions(scope, run.id),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/evals/runs/{run_id}/distributions", {
          params: { path: { run_id: run.id }, query: projectOf(scope) },
          signal,
        }),
      ),
    refetchInterval: isUnderWay(run) ? 2 * UNDER_WAY_MS : false,
  });
}

/** What a run would do and what it would take; null asks nothing. */
export function runPlanQuery(scope: Scope, request: RunRequest | null) {
  return queryOptions({
    queryKey: evalRunKeys.plan(scope, request),
    queryFn: ({ signal }) =>
      ask(
        client.POST("/api/v1/evals/runs/plan", {
          params: { query: projectOf(scope) },
          body: request as NewEvalRun,
          signal,
        }),
      ),
    enabled: request !== null,
    placeholderData: keepPreviousData,
  });
}

export function useStartRun(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: RunRequest) =>
      ask(
        client.POST("/api/v1/evals/runs", {
          params: { query: projectOf(scope) },
          body: body as NewEvalRun,
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: evalRunKeys.all }),
  });
}

export function useCancelRun(scope: Scope, id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () =>
      ask(
        client.POST("/api/v1/evals/runs/{run_id}/cancel", {
          params: { path: { run_id: id }, query: projectOf(scope) },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: evalRunKeys.all }),
  });
}

/** Where a run can be had as a file. */
export function exportAddress(scope: Scope, id: string, format: string): string {
  const query = new URLSearchParams({ ...projectOf(scope), format });
  return `/api/v1/evals/runs/${encodeURIComponent(id)}/export?${query}`;
}
