import type { CheckItem, Checklist, CheckReport } from "@/api/checks";

export function createFakeCheckItem(overrides: Partial<CheckItem> = {}): CheckItem {
  return {
    name: "application",
    title: { en: "The application answers", ko: "애플리케이션 응답" },
    status: "passed",
    detail: { en: "HTTP 200 in 12 ms", ko: "HTTP 200, 12ms" },
    ...{ todo: null, value: null, unit: null, duration_ms: 12 },
    ...overrides,
  };
}

export function createFakeCheckReport(overrides: Partial<CheckReport> = {}): CheckReport {
  return {
    ...{ id: "report-1", list: "daily", at: "2026-01-02T00:00:00Z", by: "ops", status: "passed" },
    notified: null,
    items: [createFakeCheckItem()],
    ...overrides,
  };
}

export function createFakeChecklist(overrides: Partial<Checklist> = {}): Checklist {
  return {
    name: "daily",
    title: { en: "Daily", ko: "일일 점검" },
    description: { en: "What operations look at every day.", ko: "매일 보는 항목입니다." },
    items: [{ name: "application", kind: "http", title: { en: "The application answers", ko: "응답" } }],
    last_report: createFakeCheckReport(),
    ...overrides,
  };
}
