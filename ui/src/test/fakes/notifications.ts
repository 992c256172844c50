import type { Channel } from "@/api/channels";
import type { WholeDelivery } from "@/api/deliveries";
import type { Routing, Ways } from "@/api/routing";
import type { Silence } from "@/api/silences";

export function createFakeChannel(overrides: Partial<Channel> = {}): Channel {
  return {
    name: "ops",
    kind: "webhook",
    url: "https://hooks.example.com/…",
    has_secret: true,
    language: null,
    send_resolved: true,
    rate: { per_minute: 30, burst: 10 },
    timeout_seconds: 10,
    fallback: null,
    template: { title: null, body: null },
    is_enabled: true,
    origin: "team",
    condition: {
      status: "ok",
      failures: 0,
      error: null,
      failing_since: null,
      paused_until: null,
      delivered_at: "2026-11-28T09:00:00Z",
    },
    updated_at: null,
    updated_by: null,
    ...overrides,
  };
}

export function createFakeDelivery(overrides: Partial<WholeDelivery> = {}): WholeDelivery {
  return {
    id: "d1",
    channel: "ops",
    kind: "alerts",
    reason: "first",
    state: "delivered",
    title: "Too many requests fail",
    alert_ids: ["a1"],
    created_at: "2026-11-28T09:05:01Z",
    due_at: null,
    finished_at: "2026-11-28T09:05:02Z",
    attempts: [
      { at: "2026-11-28T09:05:01Z", outcome: "delivered", duration_ms: 120, status: 200, error: null },
    ],
    error: null,
    template_error: null,
    instead_of: null,
    led_to: null,
    text: "Too many requests fail: 42 %",
    ...overrides,
  };
}

export function createFakeRouting(overrides: Partial<Routing> = {}): Routing {
  return {
    route: {
      receivers: ["ops"],
      routes: [{ matchers: ['severity="critical"'], receivers: ["pager"], repeat_interval: "1h" }],
    },
    inhibit: [],
    revision: "r1",
    default: { receivers: ["ops"], group_by: ["rule"] },
    updated_at: null,
    updated_by: null,
    ...overrides,
  };
}

export function createFakeWays(overrides: Partial<Ways> = {}): Ways {
  return {
    labels: { severity: "critical" },
    ways: [
      {
        path: '/severity="critical"',
        receivers: ["pager"],
        group_by: ["rule"],
        group_labels: { rule: "" },
        group_wait: "500ms",
        group_interval: "30s",
        repeat_interval: "1h",
        language: null,
      },
    ],
    muted_by: [],
    silenced_by: [],
    inhibited_by: [],
    ...overrides,
  };
}

export function createFakeSilence(overrides: Partial<Silence> = {}): Silence {
  return {
    id: "s1",
    state: "active",
    matchers: ['service="voc-chat"'],
    reason: "Load test",
    starts_at: "2026-11-28T09:00:00Z",
    ends_at: "2026-11-28T11:00:00Z",
    created_by: "ada",
    created_at: "2026-11-28T09:00:00Z",
    ended_by: null,
    alerts: 2,
    ...overrides,
  };
}
