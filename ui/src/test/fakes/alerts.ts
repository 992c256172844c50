import type { AlertRule, RulePreview } from "@/api/alert-rules";
import type { AlertDetail } from "@/api/alerts";

export function createFakeAlert(overrides: Partial<AlertDetail> = {}): AlertDetail {
  return {
    id: "a1",
    rule: "requests.errors",
    title: { en: "Too many requests fail", ko: "요청 실패가 많음" },
    signal: "requests.error_rate",
    severity: "critical",
    state: "firing",
    is_flapping: false,
    labels: { service: "voc-chat" },
    rule_labels: {},
    value: 0.42,
    count: 120,
    unit: "ratio",
    limit: "> 0.1",
    band: "critical",
    active_since: "2026-11-28T09:00:00Z",
    fired_at: "2026-11-28T09:05:00Z",
    resolved_at: null,
    resolved_reason: null,
    peak: 0.5,
    window: { start: "2026-11-28T09:05:00Z", end: "2026-11-28T09:10:00Z" },
    changed_at: "2026-11-28T09:05:00Z",
    evaluated_at: "2026-11-28T09:10:00Z",
    error: null,
    explanation: null,
    runbook: null,
    incident_id: "i1",
    silenced_by: [],
    inhibited_by: [],
    muted_by: [],
    missing_since: null,
    where: "",
    records: "",
    history: [{ at: "2026-11-28T09:05:00Z", kind: "fired", severity: "critical", value: 0.42, reason: null }],
    ...overrides,
  };
}

export const NO_ALERTS = { firing: 0, pending: 0, recovering: 0, no_data: 0, error: 0 };

export function createFakeRule(overrides: Partial<AlertRule> = {}): AlertRule {
  const title = { en: "Too many requests fail", ko: "요청 실패가 많음" };
  return {
    name: "requests.errors",
    title,
    description: { en: "", ko: "" },
    origin: "team",
    pack: null,
    is_enabled: true,
    severity: null,
    kind: "threshold",
    signals: ["requests.count"],
    runbook: null,
    problems: [],
    notices: [],
    states: {},
    evaluation: {
      at: "2026-11-28T09:10:00Z",
      duration_ms: 4.2,
      series: 3,
      dropped_series: 0,
      error: null,
    },
    revision: "r1",
    updated_at: null,
    updated_by: null,
    content: {
      name: "requests.errors",
      title,
      when: { threshold: { signal: "requests.count", warning: { enter: "> 5" } } },
      for: "5m",
    },
    ...overrides,
  };
}

export function createFakePreview(overrides: Partial<RulePreview> = {}): RulePreview {
  return {
    since: "2026-11-14T09:00:00Z",
    until: "2026-11-28T09:00:00Z",
    fired: 1,
    windows: 4032,
    series: 1,
    periods: [
      {
        labels: { service: "voc-chat" },
        severity: "warning",
        from: "2026-11-20T09:00:00Z",
        until: "2026-11-20T09:30:00Z",
        peak: 8,
        value_at_fire: 6,
      },
    ],
    values: [
      {
        labels: { service: "voc-chat" },
        points: [
          ["2026-11-20T09:00:00Z", 6, "warning"],
          ["2026-11-20T09:05:00Z", null, "no_data"],
        ],
      },
    ],
    limits: { warning: "> 5", critical: null },
    ...overrides,
  };
}
