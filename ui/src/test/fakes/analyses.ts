import type { Analysis } from "@/api/eval-analysis";
import type { Trend, TrendRun } from "@/api/eval-trends";
import type { Parts } from "@/features/evaluations/analysis/parts";

const MEAN = { n: 40, mean: 0.6, low: 0.5, high: 0.7 };
const FIRST = { case: "q7", position: 7, question: "Why was I charged twice?" };

export function createFakeParts(overrides: Parts = {}): Parts {
  return {
    statistics: {
      cases: 40,
      metrics: [
        {
          ...{ ...MEAN, metric: "faithfulness", direction: "higher", unit: "ratio", n_total: 42 },
          ...{ std: 0.2, p25: 0.5, median: 0.6, p75: 0.9, threshold: 0.8 },
          ...{ pass_rate: 0.4, pass_low: 0.3, pass_high: 0.5 },
        },
      ],
      correlations: [],
    },
    diagnostic: {
      gaps: [{ metric: "faithfulness", gap: -0.2, verdict: "missed" }],
      findings: [
        {
          ...{ code: "two_kinds_of_cases", metric: "faithfulness", numbers: { p25: 0.5 } },
          text: { en: "Two kinds of cases.", ko: "두 종류의 케이스." },
        },
      ],
    },
    slices: {
      ...{ tested: 12, least: 10, closest: [] },
      found: [
        {
          ...{ fact: "metadata.topic", value: "refunds", metric: "faithfulness", unit: "ratio", n: 14 },
          ...{ mean: 0.3, rest: 0.8, difference: -0.5, p_adjusted: 0.001, verdict: "worse" },
        },
      ],
    },
    failure_clusters: {
      ...{ failing: 20, examined: 20, least: 3, alone: 5, not_shown: 0 },
      clusters: [
        {
          ...{ id: "C1", terms: ["charged", "twice"], n: 3, share_of_failing: 0.15 },
          ...{ failed_metrics: { faithfulness: 3 }, representatives: [FIRST], positions: [3, 7, 9] },
        },
      ],
    },
    priority: {
      ...{ formula: { en: "A formula.", ko: "공식." }, failing: 20 },
      cases: [
        { ...FIRST, priority: 0.8, failed: ["faithfulness"], cluster: "C1", scores: { faithfulness: 0 } },
      ],
    },
    ...overrides,
  };
}

export function createFakeAnalysis(parts: Parts = createFakeParts()): Analysis {
  const nodes = Object.entries(parts).map(([node_id, output]) => ({
    ...{ node_id, status: "completed" as const, duration_ms: 1, error: null, why: null },
    output: output as Record<string, unknown>,
  }));
  return {
    ...{ pipeline_id: "analysis_run_1", intent: "analyze_run", version: 2, duration_ms: 20 },
    run: { id: "run_1", name: "nightly", dataset: "voc", dataset_hash: "cafe0123", judge: null, cases: 40 },
    texts: { cases: 40, examined: 40, cut: 0 },
    nodes: [
      ...nodes,
      {
        ...{ node_id: "multiturn", status: "skipped", duration_ms: 0, error: null, output: null },
        why: { en: "The cases are no conversations.", ko: "대화가 아닙니다." },
      },
      {
        ...{ node_id: "keywords", status: "failed", duration_ms: 0, why: null, output: null },
        error: "ValueError: no words",
      },
    ],
  };
}

export function createFakeTrendRun(overrides: Partial<TrendRun> = {}): TrendRun {
  return {
    ...{ id: "run_1", name: "nightly 1", at: "2026-01-01T00:00:00Z", dataset_version_id: "v1" },
    ...{ dataset_hash: "cafe0123", judge: "judge-7b", baselines: [], breaks: [], passing_breaks: [] },
    point: {
      ...{ identity: "faithfulness@1", unit: "ratio", direction: "higher", threshold: 0.8 },
      ...{ mean: 0.9, low: 0.85, high: 0.95, n_scored: 40, n_total: 40 },
    },
    passing: { pass_rate: 0.8, pass_low: 0.7, pass_high: 0.9, passed_cases: 32, decided_cases: 40 },
    cost_usd: 0.02,
    ...overrides,
  };
}

export function createFakeTrend(runs: TrendRun[], overrides: Partial<Trend> = {}): Trend {
  return {
    ...{ dataset: "voc", metric: "faithfulness", metrics: { faithfulness: runs.length, f1_score: 1 } },
    ...{ runs, is_cut: false },
    ...overrides,
  };
}
