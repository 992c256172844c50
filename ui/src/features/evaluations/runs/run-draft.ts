import type { RunRequest } from "@/api/eval-runs";

type Preset = NonNullable<RunRequest["preset"]>;

export const PRESETS = [
  "production",
  "quick",
  "comprehensive",
  "summary",
  "offline",
] as const satisfies readonly Preset[];

/** A run as somebody fills it in; null is no limit. */
export interface RunDraft {
  name: string;
  dataset: string;
  /** Null for none. */
  preset: Preset | null;
  metrics: string[];
  profile: string;
  limit: number | null;
  maxCalls: number | null;
  maxCost: number | null;
  maxMinutes: number | null;
}

export const EMPTY_DRAFT: RunDraft = {
  ...{ name: "", dataset: "", preset: null, metrics: [], profile: "" },
  ...{ limit: null, maxCalls: null, maxCost: null, maxMinutes: null },
};

export function isWhole({ dataset }: RunDraft): boolean {
  return dataset !== "";
}

/** What the server is asked for; metrics that are named come before a preset. */
export function requestOf(draft: RunDraft): RunRequest {
  const { metrics, preset, limit } = draft;
  const [name, profile] = [draft.name.trim(), draft.profile.trim()];
  const budget = {
    ...(draft.maxCalls === null ? {} : { max_calls: draft.maxCalls }),
    ...(draft.maxCost === null ? {} : { max_cost_usd: draft.maxCost }),
    ...(draft.maxMinutes === null ? {} : { max_minutes: draft.maxMinutes }),
  };
  return {
    dataset: draft.dataset,
    ...(name ? { name } : {}),
    ...(metrics.length > 0 ? { metrics } : preset ? { preset } : {}),
    ...(profile ? { profile } : {}),
    ...(limit === null ? {} : { limit }),
    ...(Object.keys(budget).length > 0 ? { budget } : {}),
  };
}
