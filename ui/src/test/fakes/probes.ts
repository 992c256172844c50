import type { Probe } from "@/api/probes";

export function createFakeProbe(overrides: Partial<Probe> = {}): Probe {
  return {
    ...{ name: "ollama", kind: "ollama", target: "http://127.0.0.1:11434", service: null, environment: null },
    ...{ every_seconds: 30, is_enabled: true, origin: "team", is_changed: false, status: "up" },
    since: "2026-01-01T00:00:00Z",
    last: { at: "2026-01-02T00:00:30Z", status: "up", latency_ms: 12, error: null, detail: {} },
    uptime: { "24h": 0.9991, "7d": null },
    history: [
      { at: "2026-01-02T00:00:30Z", status: "up", latency_ms: 12 },
      { at: "2026-01-02T00:00:00Z", status: "down", latency_ms: null },
    ],
    content: { name: "ollama", kind: "ollama", pulled: ["qwen2.5:7b"] },
    ...overrides,
  };
}
