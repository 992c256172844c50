import type { Dataset, DatasetVersion, Example } from "@/api/datasets";
import type { Comparison, MetricComparison } from "@/api/eval-comparison";
import type {
  CaseDetail,
  EvalCase,
  JudgeCalibration,
  MetricSummary,
  PlannedRun,
  RunDetail,
  Score,
  ShortScore,
  TrackerLink,
} from "@/api/eval-runs";

const IDENTITY = "faithfulness@1:judge=judge-7b:prompts=ab12";

export function createFakeSummary(overrides: Partial<MetricSummary> = {}): MetricSummary {
  return {
    ...{ identity: IDENTITY, n_total: 10, n_scored: 9, n_errors: 1, reasons: { judge_timeout: 1 } },
    ...{ mean: 0.9, low: 0.82, high: 0.95, method: "bootstrap" },
    ...{ pass_rate: 0.8, pass_low: 0.6, pass_high: 0.92, threshold: 0.7 },
    ...{ direction: "higher", unit: "ratio" },
    ...overrides,
  };
}

export function createFakeRun(overrides: Partial<RunDetail> = {}): RunDetail {
  return {
    ...{ id: "run_1", name: "nightly", dataset: "voc", dataset_version_id: "v2", dataset_hash: "cafe0123" },
    ...{ state: "finished", where: "cli", created_at: "2026-01-01T00:00:00Z", created_by: "ci" },
    ...{ started_at: "2026-01-01T00:00:01Z", finished_at: "2026-01-01T00:02:00Z", heartbeat_at: null },
    ...{ stop_reason: null, error: null, resume: null },
    plan: {
      metrics: [
        {
          ...{ name: "faithfulness", version: 1, identity: IDENTITY, threshold: 0.7 },
          ...{ threshold_from: "dataset", direction: "higher", unit: "ratio" },
        },
      ],
      ...{ mode: "full", profile: "dev", target: { kind: "stored" }, budget: {} },
      judge: { model: "judge-7b", api: "openai", base_url: "", embedding_model: null },
      ...{ available: 10, limit: null, seed: null, repeats: 1, language: null },
    },
    progress: {
      ...{ cases: 10, cases_done: 10, calls: 20, calls_made: 18, calls_from_store: 2, failed_calls: 0 },
      ...{ cost_usd: 0.02, tokens: 9000, seconds: 60 },
    },
    summary: {
      ...{ cases: 10, decided_cases: 10, passed_cases: 8, pass_rate: 0.8, pass_low: 0.5, pass_high: 0.94 },
      ...{ duration_s: 60, cost_usd: 0.02, calls: 18 },
      metrics: { faithfulness: createFakeSummary() },
    },
    calibration: { faithfulness: createFakeCalibration() },
    trackers: [],
    ...overrides,
  } as RunDetail;
}

export function createFakePlan(overrides: Partial<PlannedRun> = {}): PlannedRun {
  return {
    plan: createFakeRun().plan,
    estimate: {
      ...{ cases: 10, calls: 20, input_tokens: 9000, output_tokens: 6000 },
      ...{ cost_usd: 0.42, seconds: 90 },
    },
    ...overrides,
  };
}

export function createFakeCalibration(overrides: Partial<JudgeCalibration> = {}): JudgeCalibration {
  return {
    ...{ state: "uncalibrated", text: { en: "Nobody knows.", ko: "알 수 없습니다." }, n_labels: 0 },
    ...{ threshold: null, kappa: null, true_positive: null, true_negative: null, corrected_rate: null },
    ...{ dataset: null, run_id: null, measured_at: null, anchors: null, anchors_checked_at: null },
    has_moved: null,
    ...overrides,
  };
}

export function createFakeScore(overrides: Partial<ShortScore> = {}): ShortScore {
  return {
    ...{ metric: "faithfulness", sample: 0, status: "scored", value: 0.5, reason: null, passed: false },
    ...overrides,
  };
}

export function createFakeCase(overrides: Partial<EvalCase> = {}): EvalCase {
  return {
    ...{ position: 0, example_id: "q0", question: "When do I get my money back?", answer: "In 7 days." },
    ...{ answer_error: null, language: "en", group: null, trace_id: null, passed: false },
    scores: [createFakeScore()],
    ...overrides,
  };
}

export function createFakeEvidence(overrides: Partial<Score> = {}): Score {
  return {
    ...createFakeScore(),
    explanation: "The contexts support 1 of 2 claims of the answer.",
    evidence: {
      claims: [
        { text: "Money is back in 7 days.", by_chunks: { verdict: "supported", reason: "", chunks: [1] } },
        { text: "Shipping is free.", by_chunks: { verdict: "not_stated", reason: "Nowhere.", chunks: [] } },
      ],
      coverage: 1,
    },
    calls: [],
    ...overrides,
  };
}

export function createFakeCaseDetail(overrides: Partial<CaseDetail> = {}): CaseDetail {
  return {
    ...createFakeCase(),
    example: { id: "q0", question: "When do I get my money back?", reference: "Within 7 days." },
    judged_answer: {
      text: "In 7 days. Shipping is free.",
      contexts: [{ text: "Shops open at nine." }, { text: "Refunds take 7 days.", id: "kb-2" }],
    },
    scores: [createFakeEvidence()],
    ...overrides,
  };
}

export function createFakeMetricComparison(overrides: Partial<MetricComparison> = {}): MetricComparison {
  return {
    ...{ metric: "faithfulness", identity_a: IDENTITY, identity_b: IDENTITY, direction: "higher" },
    ...{ unit: "ratio", margin: 0, verdict: "worse", n: 40, units: 40 },
    ...{ a: { mean: 0.9, interval: null }, b: { mean: 0.7, interval: null }, difference: -0.2 },
    interval: { low: -0.3, high: -0.1, method: "bootstrap" },
    ...{ p: 0.001, p_adjusted: 0.002, method: "sign_flip", effect_size: -0.8 },
    ...{ wins: 2, ties: 26, losses: 12, detectable: 0.11, needed: null, passes: null },
    unpaired: {
      ...{ total: 0, only_in_a: 0, only_in_b: 0, unscored_a: 0, unscored_b: 0, unscored_both: 0 },
      ...{ reasons_a: {}, reasons_b: {} },
    },
    ...overrides,
  } as MetricComparison;
}

export function createFakeComparison(overrides: Partial<Comparison> = {}): Comparison {
  const run = { dataset: "voc", dataset_hash: "cafe0123", judge: "judge-7b", is_complete: true };
  return {
    a: { ...run, id: "run_a", name: "before" },
    b: { ...run, id: "run_b", name: "after" },
    options: { margin: 0, margins: {}, alpha: 0.05, power: 0.8, seed: 0 },
    ...{ verdicts: {}, least_pairs: 6, notices: [], ruler: [], slices: [], changes: null },
    metrics: [createFakeMetricComparison()],
    cases: null,
    ...overrides,
  } as Comparison;
}

export function createFakeVersion(overrides: Partial<DatasetVersion> = {}): DatasetVersion {
  return {
    ...{ id: "v2", number: 2, label: "1.1", content_hash: "cafe0123", example_count: 10 },
    ...{ fields: { answer: 10, reference: 5 }, languages: { ko: 10 }, thresholds: { faithfulness: 0.8 } },
    ...{ source: { kind: "file", file: "voc.json" } },
    ...{ created_at: "2026-01-01T00:00:00Z", created_by: "kim" },
    ...overrides,
  };
}

export function createFakeDataset(overrides: Partial<Dataset> = {}): Dataset {
  return {
    ...{ name: "voc", version_count: 2, created_at: "2026-01-01T00:00:00Z", created_by: "kim" },
    latest: createFakeVersion(),
    ...overrides,
  };
}

export function createFakeExample(overrides: Partial<Example> = {}): Example {
  return {
    ...{ position: 0, id: "q0", question: "When do I get my money back?", language: "en", group: null },
    ...{ reference: "Within 7 days.", reference_contexts: null, relevance: null },
    ...{ reference_tool_calls: null, answer: null, trace_id: null, span_id: null, metadata: {} },
    ...overrides,
  };
}

export function createFakeTrackerLink(overrides: Partial<TrackerLink> = {}): TrackerLink {
  return {
    ...{ tracker: "mlflow", state: "sent", url: "http://127.0.0.1:5000/#/runs/1", reason: null },
    ...{ cases: 10, cases_sent: 10, scores_sent: 10 },
    send_again: overrides.state === "partly" ? "pitwall eval track run_1 --tracker mlflow" : null,
    ...{ asked_at: "2026-01-01T00:00:00Z", asked_by: "local", sent_at: "2026-01-01T00:01:00Z" },
    ...overrides,
  };
}
