/** The few lines that send first data, with the addresses of this server. */

import type { Status } from "@/api/status";

export const WAYS = ["python", "otel", "jsonl"] as const;
export type Way = (typeof WAYS)[number];

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];
/** Stands for a key that the person makes; only where the server asks for one. */
const KEY = "pw_…";

/** An address of the server as this browser's machine reaches it. */
export function reachable(address: string, page: { hostname: string; protocol: string }): string {
  const url = new URL(address);
  if (LOOPBACK.includes(url.hostname) && !LOOPBACK.includes(page.hostname)) url.hostname = page.hostname;
  return url.href.replace(/\/$/, "");
}

export interface Doors {
  /** Where the API and this page are. */
  api: string;
  /** Where telemetry goes in. */
  otlp: string;
}

export function doorsOf(addresses: Status["addresses"], page: Location): Doors {
  return {
    api: page.origin,
    otlp: addresses.otlp_http ? reachable(addresses.otlp_http, page) : page.origin,
  };
}

export function snippetOf(way: Way, doors: Doors, needsKey: boolean): string {
  const lines = { python, otel, jsonl }[way](doors, needsKey);
  return lines.join("\n");
}

function python({ otlp }: Doors, needsKey: boolean): string[] {
  const key = needsKey ? `, api_key="${KEY}"` : "";
  return [
    "import pitwall",
    "",
    `pitwall.init(service="my-app", endpoint="${otlp}"${key})`,
    'with pitwall.llm_call(model="qwen2.5:7b", provider="ollama", input="Hello?") as call:',
    '    call.set_output("Hello, this is the first trace.")',
  ];
}

function otel({ otlp }: Doors, needsKey: boolean): string[] {
  return [
    "export OTEL_SERVICE_NAME=my-app",
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${otlp}`,
    "export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
    ...(needsKey ? [`export OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${KEY}"`] : []),
    "opentelemetry-instrument python my_app.py",
  ];
}

function jsonl({ api }: Doors, needsKey: boolean): string[] {
  const call =
    '{"ts": "\'$(date -u +%FT%TZ)\'", "event": "llm.call", "model": "qwen2.5:7b", "success": true, "latency_ms": 812}';
  return [
    ...(needsKey ? [`export PITWALL_API_KEY=${KEY}`] : []),
    `echo '${call}' > llm_calls.jsonl`,
    `pitwall ingest jsonl llm_calls.jsonl --service my-app --url ${api}`,
  ];
}
