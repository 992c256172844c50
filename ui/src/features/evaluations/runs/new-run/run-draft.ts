import type { PlannedMetric, RunRequest } from "@/api/eval-runs";

type Preset = NonNullable<RunRequest["preset"]>;
type Mode = NonNullable<RunRequest["mode"]>;
type Target = NonNullable<RunRequest["target"]>;
type HttpTarget = Extract<Target, { kind: "http" }>;
export type TrackerName = NonNullable<RunRequest["trackers"]>[number];

export const PRESETS = [
  "production",
  "quick",
  "comprehensive",
  "summary",
  "offline",
] as const satisfies readonly Preset[];
/** Those that have metrics of their own; any other run is `full`. */
export const MODES = ["simple", "multiturn"] as const satisfies readonly Mode[];
export const TRACKERS = ["langfuse", "phoenix", "mlflow"] as const satisfies readonly TrackerName[];
export type MetricSet = Preset | (typeof MODES)[number];

/** A service that answers, as somebody fills it in; an empty place is one that its reply does not tell. */
export interface ServiceDraft {
  url: string;
  /** JSON. */
  body: string;
  answer: string;
  contexts: string;
  toolCalls: string;
  usage: string;
  /** `NAME=VALUE`, one a line. */
  headers: string;
  timeoutSeconds: number | null;
  retries: number | null;
  concurrency: number | null;
}

/** A run as somebody fills it in; null is no limit, or what the server does by itself. */
export interface RunDraft {
  name: string;
  dataset: string;
  /** Null for the newest. */
  version: number | null;
  /** Null for none. */
  set: MetricSet | null;
  metrics: string[];
  profile: string;
  answers: "stored" | "http";
  service: ServiceDraft;
  /** By metric; what is not here comes from dataset, profile or metric. */
  thresholds: Readonly<Record<string, number>>;
  limit: number | null;
  seed: number | null;
  repeats: number | null;
  isFresh: boolean;
  maxCalls: number | null;
  maxCost: number | null;
  maxMinutes: number | null;
  trackers: TrackerName[];
}

export const EMPTY_DRAFT: RunDraft = {
  ...{ name: "", dataset: "", version: null, set: null, metrics: [], profile: "" },
  answers: "stored",
  service: {
    ...{ url: "", body: '{"question": "{question}"}', answer: "answer" },
    ...{ contexts: "", toolCalls: "", usage: "", headers: "" },
    ...{ timeoutSeconds: 60, retries: 2, concurrency: 8 },
  },
  ...{ thresholds: {}, limit: null, seed: null, repeats: 1, isFresh: false },
  ...{ maxCalls: null, maxCost: null, maxMinutes: null, trackers: [] },
};

export interface DraftProblems {
  body: boolean;
  headers: boolean;
}

/** What of a service no server has to be asked about. */
export function draftProblems({ answers, service }: RunDraft): DraftProblems {
  const isService = answers === "http";
  return {
    body: isService && readJson(service.body) === undefined,
    headers: isService && readHeaders(service.headers) === null,
  };
}

export function isWhole(draft: RunDraft): boolean {
  const { body, headers } = draftProblems(draft);
  const hasAnswers = draft.answers === "stored" || draft.service.url.trim() !== "";
  return draft.dataset !== "" && hasAnswers && !body && !headers;
}

/** How many of the further choices are not as they were found. */
export function countChoices(draft: RunDraft): number {
  const plain = ["name", "version", "answers", "limit", "seed", "repeats", "isFresh"] as const;
  const budget = ["maxCalls", "maxCost", "maxMinutes"] as const;
  const changed = [...plain, ...budget].filter((key) => draft[key] !== EMPTY_DRAFT[key]);
  return changed.length + Object.keys(draft.thresholds).length + (draft.trackers.length > 0 ? 1 : 0);
}

/** What the server is asked to plan: all that decides about metrics, thresholds without ours, and size. */
export function planRequestOf(draft: RunDraft): RunRequest {
  const { limit, repeats, answers } = draft;
  const profile = draft.profile.trim();
  const budget = budgetOf(draft);
  return {
    dataset: draft.version === null ? draft.dataset : `${draft.dataset}@${draft.version}`,
    ...metricsOf(draft),
    ...(profile ? { profile } : {}),
    ...(answers === "http" ? { target: serviceOf(draft.service) } : {}),
    ...(limit === null ? {} : { limit }),
    ...(repeats === null || repeats === 1 ? {} : { repeats }),
    ...(Object.keys(budget).length > 0 ? { budget } : {}),
  };
}

/** What the server is asked to begin.
 *
 * @param planned The metrics that it will judge, if they are known: a threshold of another one is left out.
 */
export function requestOf(draft: RunDraft, planned: readonly PlannedMetric[] | undefined): RunRequest {
  const name = draft.name.trim();
  const thresholds = Object.entries(draft.thresholds).filter(
    ([metric]) => !planned || planned.some((one) => one.name === metric),
  );
  return {
    ...planRequestOf(draft),
    ...(name ? { name } : {}),
    ...(thresholds.length > 0 ? { thresholds: Object.fromEntries(thresholds) } : {}),
    ...(draft.seed === null ? {} : { seed: draft.seed }),
    ...(draft.isFresh ? { is_fresh: true } : {}),
    ...(draft.trackers.length > 0 ? { trackers: draft.trackers } : {}),
  };
}

/** Metrics that are named come before a preset; a mode has its own. */
function metricsOf({ metrics, set }: RunDraft): Partial<RunRequest> {
  const mode = MODES.find((one) => one === set);
  if (mode) return { mode };
  if (metrics.length > 0) return { metrics };
  const preset = PRESETS.find((one) => one === set);
  return preset ? { preset } : {};
}

function budgetOf({ maxCalls, maxCost, maxMinutes }: RunDraft): NonNullable<RunRequest["budget"]> {
  return {
    ...(maxCalls === null ? {} : { max_calls: maxCalls }),
    ...(maxCost === null ? {} : { max_cost_usd: maxCost }),
    ...(maxMinutes === null ? {} : { max_minutes: maxMinutes }),
  };
}

function serviceOf(service: ServiceDraft): HttpTarget {
  const { timeoutSeconds, retries, concurrency } = service;
  const place = (text: string) => text.trim() || null;
  const target: Partial<HttpTarget> & Pick<HttpTarget, "kind" | "url"> = {
    kind: "http",
    url: service.url.trim(),
    body: readJson(service.body),
    ...(service.answer.trim() ? { answer: service.answer.trim() } : {}),
    ...{ contexts: place(service.contexts), tool_calls: place(service.toolCalls) },
    ...{ usage: place(service.usage), headers: readHeaders(service.headers) ?? {} },
    ...(timeoutSeconds === null ? {} : { timeout_seconds: timeoutSeconds }),
    ...(retries === null ? {} : { retries }),
    ...(concurrency === null ? {} : { concurrency }),
  };
  // What is left out takes the server's default.
  return target as HttpTarget;
}

/** Undefined for a text that is no JSON. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Null if a line has no name. */
function readHeaders(text: string): Record<string, string> | null {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const pairs = lines.map((line) => /^\s*([^=:\s]+)\s*[=:]\s*(.*?)\s*$/.exec(line));
  if (pairs.some((pair) => pair === null)) return null;
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1] ?? "", pair[2] ?? ""]] : [])));
}
