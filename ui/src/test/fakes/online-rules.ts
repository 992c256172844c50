import type { EvalMetric } from "@/api/eval-metrics";
import type { OnlineRule, OnlineRuleDetail } from "@/api/online-rules";

export function createFakeOnlineRule(overrides: Partial<OnlineRule> = {}): OnlineRule {
  return {
    ...{ name: "judged", pack: null, enabled: true, metrics: ["faithfulness"] },
    ...{ filters: ["service:eq:voc-chat"], sample_rate: 0.05, settle_seconds: 30, profile: "prod" },
    ...{ max_calls_per_day: 500, max_cost_usd_per_day: "2" },
    ...{ updated_at: "2026-01-01T00:00:00Z", updated_by: "ann" },
    today: {
      ...{ day: "2026-01-01", traces: 40, scored: 38, not_applicable: 1, errors: 0, left_out: 0 },
      ...{ calls: 120, cost_usd: "0.5", unpriced_calls: 0, budget_spent: false },
      last_scored_at: "2026-01-01T00:30:00Z",
    },
    ...{ waiting: 0, looked_until: "2026-01-01T00:31:00Z", error: null, error_at: null },
    ...overrides,
  };
}

export function createFakeOnlineRuleDetail(overrides: Partial<OnlineRuleDetail> = {}): OnlineRuleDetail {
  return {
    ...createFakeOnlineRule(),
    scores: [
      {
        ...{ trace_id: "a".repeat(32), at: "2026-01-01T00:30:00Z", metric: "faithfulness" },
        ...{ status: "scored", value: 0.5, reason: null, explanation: "1 of 2 claims." },
      },
    ],
    failures: [],
    ...overrides,
  };
}

export function createFakeMetric(overrides: Partial<EvalMetric> = {}): EvalMetric {
  return {
    ...{ name: "faithfulness", version: 1, identity: "faithfulness@1", family: "grounding" },
    title: { en: "Faithfulness", ko: "충실성" },
    description: { en: "Share of claims that the contexts support.", ko: "" },
    ...{ direction: "higher", lowest: 0, highest: 1, unit: "ratio", threshold: 0.7 },
    ...{
      needs: ["answer", "contexts"],
      calls: 2,
      calls_per: "case",
      needs_embeddings: false,
      requires_extra: null,
    },
    ...{ options: [], source: null },
    ...overrides,
  };
}
