import type { EvalMetric } from "@/api/eval-metrics";
import type { OnlineRule, OnlineRuleBody } from "@/api/online-rules";

/** A rule as somebody fills it in. */
export interface RuleDraft {
  name: string;
  metrics: string[];
  filters: string[];
  /** Between 0 and 100. */
  percent: number | null;
  settleSeconds: number | null;
  profile: string;
  maxCalls: number | null;
  /** Null for no limit. */
  maxCost: number | null;
}

export const EMPTY_RULE: RuleDraft = {
  ...{ name: "", metrics: [], filters: [], percent: 10, settleSeconds: 30 },
  ...{ profile: "", maxCalls: 1000, maxCost: null },
};

/** What no live trace has. */
const NOT_LIVE: ReadonlySet<EvalMetric["needs"][number]> = new Set([
  "reference",
  "reference_contexts",
  "relevance",
  "reference_tool_calls",
  "turns",
] as const);

/** Whether a metric can judge live traces as it is. */
export function isLive({ needs, options }: EvalMetric): boolean {
  return !needs.some((need) => NOT_LIVE.has(need)) && options.every((option) => option.default !== null);
}

export function asksModel({ calls, needs_embeddings }: EvalMetric): boolean {
  return calls > 0 || needs_embeddings;
}

export function draftOf(rule: OnlineRule): RuleDraft {
  return {
    name: rule.name,
    metrics: [...rule.metrics],
    filters: [...rule.filters],
    percent: Number((rule.sample_rate * 100).toPrecision(6)),
    settleSeconds: rule.settle_seconds,
    profile: rule.profile ?? "",
    maxCalls: rule.max_calls_per_day,
    maxCost: rule.max_cost_usd_per_day === null ? null : Number(rule.max_cost_usd_per_day),
  };
}

export function isWhole(draft: RuleDraft): boolean {
  const { name, metrics, percent, settleSeconds, maxCalls } = draft;
  const isShare = percent !== null && percent > 0 && percent <= 100;
  return name.trim() !== "" && metrics.length > 0 && isShare && settleSeconds !== null && maxCalls !== null;
}

/** What the server is asked to keep; whether the rule is on stays as it was. */
export function bodyOf(draft: RuleDraft, isEnabled: boolean): OnlineRuleBody {
  return {
    metrics: draft.metrics,
    filters: draft.filters,
    sample_rate: (draft.percent ?? 100) / 100,
    settle_seconds: draft.settleSeconds ?? 30,
    profile: draft.profile.trim() || null,
    max_calls_per_day: draft.maxCalls ?? 0,
    max_cost_usd_per_day: draft.maxCost === null ? null : String(draft.maxCost),
    enabled: isEnabled,
  };
}
