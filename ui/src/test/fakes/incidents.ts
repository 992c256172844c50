import type { Incident, IncidentAlert, IncidentRow } from "@/api/incidents";
import { createFakeAlert } from "./alerts";

export function createFakeIncidentRow(overrides: Partial<IncidentRow> = {}): IncidentRow {
  return {
    id: "i1",
    number: 12,
    title: { en: "Too many requests fail (voc-chat)", ko: "요청 실패가 많음 (voc-chat)" },
    state: "open",
    severity: "critical",
    labels: { service: "voc-chat" },
    opened_at: "2026-11-28T09:05:00Z",
    updated_at: "2026-11-28T09:10:00Z",
    acknowledged_at: null,
    acknowledged_by: null,
    assignee: null,
    resolved_at: null,
    resolved_by: null,
    alert_count: 1,
    active_alert_count: 1,
    ...overrides,
  };
}

export function createFakeIncidentAlert(overrides: Partial<IncidentAlert> = {}): IncidentAlert {
  const { history: _, ...alert } = createFakeAlert();
  return { ...alert, is_active: true, ...overrides };
}

export function createFakeIncident(overrides: Partial<Incident> = {}): Incident {
  return {
    ...createFakeIncidentRow(),
    alerts: [createFakeIncidentAlert()],
    timeline: [
      {
        id: "e1",
        at: "2026-11-28T09:05:00Z",
        kind: "alert_fired",
        by: null,
        text: { en: "Too many requests fail is 42 %.", ko: "요청 실패가 많음 값이 42 %입니다." },
        alert_id: "a1",
        rule: "requests.errors",
        severity: "critical",
        value: 0.42,
        change: null,
      },
    ],
    changes: [],
    explanation: {
      status: "explained",
      signal: "requests.error_rate",
      unit: "ratio",
      labels: { service: "voc-chat" },
      where: "",
      before: 0.01,
      now: 0.42,
      count_before: 200,
      count: 220,
      window: { since: "2026-11-28T09:00:00Z", until: "2026-11-28T09:10:00Z" },
      baseline: { since: "2026-11-28T08:00:00Z", until: "2026-11-28T09:00:00Z" },
      elsewhere: null,
      contributions: [
        {
          dimension: "model",
          title: { en: "Model", ko: "모델" },
          value: "qwen2.5:7b",
          share: 0.82,
          rate_effect: 0.8,
          mix_effect: 0.02,
          is_outcome: false,
          without: 0.02,
          before: 0.01,
          now: 0.6,
          count: 130,
          count_before: 120,
          traffic_before: 0.6,
          traffic_now: 0.6,
          example_trace_ids: ["0123456789abcdef0123456789abcdef"],
        },
      ],
      changes: [],
      example_trace_ids: [],
      text: {
        en: "Model qwen2.5:7b explains 82 % of the rise.",
        ko: "모델 qwen2.5:7b가 상승의 82 %를 설명합니다.",
      },
      computed_at: "2026-11-28T09:10:00Z",
    },
    ...overrides,
  };
}
