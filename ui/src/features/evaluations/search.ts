import { CASE_FILTERS, type CaseFilter, RUN_STATES, type RunState } from "@/api/eval-runs";
import { MISSED_REASONS, type MissedReason } from "@/api/missed";

/** What the list of runs keeps in its URL besides what every page does. */
export interface RunsSearch {
  dataset?: string;
  state?: RunState;
}

/** What the page of a run keeps in its URL. */
export interface RunSearch {
  /** The metric that cases are filtered and ordered by. */
  by?: string;
  /** Position of the case that is open. */
  case?: number;
  /** The metric whose evidence is open in it; absent: that of `by`. */
  metric?: string;
  /** Absent: all. */
  show?: Exclude<CaseFilter, "all">;
  /** The worst of the metric first. */
  order?: "worst";
}

/** What the analysis of a run keeps in its URL. */
export interface AnalysisSearch {
  /** Position of the case that is open. */
  case?: number;
  /** The metric whose evidence is open in it. */
  metric?: string;
  /** Id of the cluster that the case is looked at in; absent: those to look at first. */
  cluster?: string;
}

/** What the page of trends keeps in its URL. */
export interface TrendsSearch {
  dataset?: string;
  metric?: string;
  /** The run that is chosen, and another one to compare it with. */
  a?: string;
  b?: string;
}

/** What the page of two runs keeps in its URL. */
export interface CompareSearch {
  a?: string;
  b?: string;
  metric?: string;
  /** Id of the case that is open. */
  case?: string;
  show?: Exclude<PairFilter, "changed">;
}

export const PAIR_FILTERS = ["changed", "lost", "gained", "all"] as const;
export type PairFilter = (typeof PAIR_FILTERS)[number];

/** What the page of a dataset keeps in its URL. */
export interface DatasetSearch {
  /** Number of a version; absent: the newest. */
  version?: number;
  /** Position of the example that is open. */
  example?: number;
  q?: string;
}

/** What the page of labels keeps in its URL. */
export interface LabelsSearch {
  run?: string;
  metric?: string;
}

/** What the page of missed questions keeps in its URL. */
export interface MissedSearch {
  /** Absent: all. */
  reason?: MissedReason;
  /** Id of the question that is open. */
  question?: string;
}

/** What the page of online rules keeps in its URL. */
export interface OnlineSearch {
  /** Name of the rule that is open. */
  rule?: string;
}

/** Strange values are left out, never an error. */
export function readRunsSearch(raw: Record<string, unknown>): RunsSearch {
  const search: RunsSearch = {};
  const state = RUN_STATES.find((known) => known === raw.state);
  if (state) search.state = state;
  const dataset = textOf(raw.dataset);
  if (dataset) search.dataset = dataset;
  return search;
}

export function readRunSearch(raw: Record<string, unknown>): RunSearch {
  const search: RunSearch = {};
  const [by, metric, position] = [textOf(raw.by), textOf(raw.metric), placeOf(raw.case)];
  const show = CASE_FILTERS.find((known) => known === raw.show);
  if (by) search.by = by;
  if (metric) search.metric = metric;
  if (position !== undefined) search.case = position;
  if (show && show !== "all") search.show = show;
  if (raw.order === "worst") search.order = "worst";
  return search;
}

export function readCompareSearch(raw: Record<string, unknown>): CompareSearch {
  const search: CompareSearch = {};
  for (const key of ["a", "b", "metric", "case"] as const) {
    const text = textOf(raw[key]);
    if (text) search[key] = text;
  }
  const show = PAIR_FILTERS.find((known) => known === raw.show);
  if (show && show !== "changed") search.show = show;
  return search;
}

export function readAnalysisSearch(raw: Record<string, unknown>): AnalysisSearch {
  const search: AnalysisSearch = {};
  const [position, metric, cluster] = [placeOf(raw.case), textOf(raw.metric), textOf(raw.cluster)];
  if (position !== undefined) search.case = position;
  if (metric) search.metric = metric;
  if (cluster) search.cluster = cluster;
  return search;
}

export function readTrendsSearch(raw: Record<string, unknown>): TrendsSearch {
  const search: TrendsSearch = {};
  for (const key of ["dataset", "metric", "a", "b"] as const) {
    const text = textOf(raw[key]);
    if (text) search[key] = text;
  }
  return search;
}

export function readLabelsSearch(raw: Record<string, unknown>): LabelsSearch {
  const search: LabelsSearch = {};
  const [run, metric] = [textOf(raw.run), textOf(raw.metric)];
  if (run) search.run = run;
  if (metric) search.metric = metric;
  return search;
}

export function readMissedSearch(raw: Record<string, unknown>): MissedSearch {
  const search: MissedSearch = {};
  const [reason, question] = [MISSED_REASONS.find((known) => known === raw.reason), textOf(raw.question)];
  if (reason) search.reason = reason;
  if (question) search.question = question;
  return search;
}

export function readOnlineSearch(raw: Record<string, unknown>): OnlineSearch {
  const rule = textOf(raw.rule);
  return rule ? { rule } : {};
}

export function readDatasetSearch(raw: Record<string, unknown>): DatasetSearch {
  const search: DatasetSearch = {};
  const [version, example, q] = [placeOf(raw.version), placeOf(raw.example), textOf(raw.q)];
  if (version) search.version = version;
  if (example !== undefined) search.example = example;
  if (q) search.q = q;
  return search;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function placeOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
