import type { Advice, Budget, BudgetUse, CostDay, CostSummary, Projection, Spend } from "@/api/costs";

export function createFakeProjection(overrides: Partial<Projection> = {}): Projection {
  return {
    ...{ status: "ok", usd: "30.00", low_usd: "25.00", high_usd: "36.00", confidence: 0.8 },
    ...{ method: "past_days", history_days: 14 },
    text: { en: "The month will cost about $30.", ko: "이달 비용은 약 $30입니다." },
    ...overrides,
  };
}

export function createFakeCostDay(overrides: Partial<CostDay> = {}): CostDay {
  return {
    ...{ date: "2026-01-01", start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" },
    ...{ cost_usd: "1.50", calls: 10, tokens: 1000, unpriced_calls: 0, is_complete: true, ahead: null },
    ...overrides,
  };
}

export function createFakeCostSummary(overrides: Partial<CostSummary> = {}): CostSummary {
  return {
    month: {
      ...{ name: "2026-01", start: "2026-01-01T00:00:00Z", end: "2026-02-01T00:00:00Z" },
      timezone: "Asia/Seoul",
    },
    as_of: "2026-01-15T00:00:00Z",
    ...{ month_to_date_usd: "12.34", previous_month_usd: "20.00", projection: createFakeProjection() },
    ...{ calls: 100, requests: 50, tokens: 9000, input_tokens: 8000, output_tokens: 1000 },
    cost_per_request_usd: "0.25",
    unpriced: { calls: 0, share: 0, models: [] },
    by_day: [
      createFakeCostDay(),
      createFakeCostDay({
        ...{ date: "2026-01-02", cost_usd: null, is_complete: false },
        ahead: { usd: "2.00", low_usd: "1.00", high_usd: "3.00" },
      }),
    ],
    ...overrides,
  };
}

export function createFakeSpend(overrides: Partial<Spend> = {}): Spend {
  const row = {
    ...{
      name: "qwen2.5:7b",
      detail: "ollama",
      is_named: true,
      is_rest: false,
      cost_usd: "9.00",
      share: 0.75,
    },
    ...{ previous_cost_usd: "6.00", change: 0.5, calls: 80, requests: 40, tokens: 7000 },
    ...{
      cost_per_request_usd: "0.225",
      cost_per_call_usd: "0.1125",
      tokens_per_call: 87.5,
      unpriced_calls: 0,
    },
  };
  return {
    ...{ by: "model", since: "2026-01-01T00:00:00Z", until: "2026-01-15T00:00:00Z" },
    ...{ previous_since: "2025-12-18T00:00:00Z", cost_usd: "12.00", previous_cost_usd: "8.00", change: 0.5 },
    ...{ calls: 100, unpriced_calls: 0, rows: [row] },
    ...overrides,
  };
}

export function createFakeAdvice(overrides: Partial<Advice> = {}): Advice {
  return {
    suggestions: [
      {
        kind: "repeated_prompts",
        title: { en: "Keep answers of repeated prompts", ko: "반복 프롬프트의 답변 저장" },
        detail: { en: "12 prompts came 300 times.", ko: "프롬프트 12개가 300번 왔습니다." },
        note: { en: "Measured over 30 days.", ko: "30일 기준입니다." },
        ...{ saving_usd_per_month: "4.00", saving_low: "3.00", saving_high: "5.00", confidence: "medium" },
        ...{ service: "voc-chat", provider: "ollama", model: "qwen2.5:7b" },
        evidence: { repeated_calls: 288 },
        example_trace_ids: ["4bf92f3577b34da6a3ce929d0e0e4736"],
      },
    ],
    combined: { saving_usd_per_month: "4.00", saving_low: "3.00", saving_high: "5.00" },
    basis: {
      ...{ since: "2026-01-01T00:00:00Z", until: "2026-01-15T00:00:00Z", days: 14, cost_usd: "12.00" },
      ...{ texts_since: "2026-01-01T00:00:00Z", texts_share: 0.9 },
    },
    skipped: [{ kind: "cheaper_model", reason: { en: "No scores yet.", ko: "점수가 없습니다." } }],
    ...overrides,
  };
}

export function createFakeBudgetUse(overrides: Partial<BudgetUse> = {}): BudgetUse {
  return {
    ...{ start: "2026-01-01T00:00:00Z", end: "2026-02-01T00:00:00Z", first_day: "2026-01-01" },
    ...{ as_of: "2026-01-15T00:00:00Z", spent_usd: "85.00", left_usd: "15.00", used: 0.85, level: "nearly" },
    ...{ projected: 1.4, projection: createFakeProjection({ usd: "140.00" }), unpriced_calls: 0 },
    ...overrides,
  };
}

export function createFakeBudget(overrides: Partial<Budget> = {}): Budget {
  return {
    ...{ name: "voc", amount_usd: "100.00", period: "month", service: "voc-chat", user: null },
    ...{ model: null, environment: null, origin: "team", pack: null, updated_at: null, updated_by: null },
    use: createFakeBudgetUse(),
    ...overrides,
  };
}
