/** What the parts of an analysis say, as the server writes it (`evals/analysis/nodes`). */

import type { Analysis, AnalysisNode } from "@/api/eval-analysis";
import type { MetricSummary } from "@/api/eval-runs";

export interface Mean {
  n: number;
  mean: number | null;
  low: number | null;
  high: number | null;
}

/** A sentence in both languages. */
export type Said = { en: string; ko: string };

/** A case that can be opened. */
export interface NamedCase {
  case: string;
  position: number;
  question: string | null;
}

export interface MetricStatistics extends Mean {
  metric: string;
  direction: MetricSummary["direction"];
  unit: string;
  n_total: number;
  std: number | null;
  p25: number | null;
  median: number | null;
  p75: number | null;
  threshold: number | null;
  pass_rate: number | null;
  pass_low: number | null;
  pass_high: number | null;
}

export interface Correlation {
  a: string;
  b: string;
  n: number;
  spearman: number | null;
  spearman_p_adjusted: number | null;
  is_shown: boolean;
}

export interface Statistics {
  cases: number;
  metrics: MetricStatistics[];
  correlations: Correlation[];
}

export type GapVerdict =
  | "met"
  | "missed"
  | "undecided"
  | "no_data"
  | "met_without_interval"
  | "missed_without_interval";

export interface Gap {
  metric: string;
  gap: number | null;
  verdict: GapVerdict;
}

export interface Finding {
  code: string;
  metric: string | null;
  text: Said;
  /** The measured numbers that it quotes, by names such as `faithfulness.mean` and `retrieval.cases`. */
  numbers: Record<string, number>;
}

export interface Diagnostic {
  gaps: Gap[];
  findings: Finding[];
}

export interface Slice {
  fact: string;
  value: string;
  metric: string;
  unit: string;
  n: number;
  mean: number;
  rest: number;
  difference: number;
  p_adjusted: number;
  verdict: "worse" | "better" | "no_difference_shown";
}

export interface Slices {
  tested: number;
  least: number;
  found: Slice[];
  closest: Slice[];
}

export interface Cluster {
  id: string;
  terms: string[];
  n: number;
  share_of_failing: number;
  failed_metrics: Record<string, number>;
  representatives: NamedCase[];
  positions: number[];
}

export interface Clusters {
  failing: number;
  examined: number;
  least: number;
  alone: number;
  clusters: Cluster[];
  not_shown: number;
}

export interface PriorityCase extends NamedCase {
  priority: number;
  failed: string[];
  cluster: string | null;
  scores: Record<string, number | null>;
}

export interface Priority {
  formula: Said;
  failing: number;
  cases: PriorityCase[];
}

interface Share {
  n: number;
  mean: number | null;
}

export interface Retrieval {
  cases: number;
  contexts_per_case: Mean;
  empty: { n: number; share: number };
  keyword_overlap: Share;
  reference_verbatim: Share;
  reference_terms: Share;
  chunks: {
    cases: number;
    chunks: number;
    unused: number;
    unused_share: number;
    claims: number;
    unsupported_claims: number;
    used_by_rank: { rank: number; n: number; share: number }[];
  } | null;
}

export interface QuestionType {
  type: string;
  n: number;
  share: number;
  metrics: (Mean & { metric: string; unit: string; failing: number })[];
}

export interface Keywords {
  questions: number;
  examined: number;
  top: { term: string; cases: number }[];
  in_failing: { term: string; cases: number; failing: number; p_adjusted: number }[];
}

export interface Association {
  factor: string;
  metric: string;
  n: number;
  rho: number;
  low: number | null;
  high: number | null;
  p_adjusted: number;
  is_shown: boolean;
}

export interface Associations {
  note: Said;
  associations: Association[];
}

export interface TrendLine {
  metric: string;
  unit: string;
  points: { run: string; at: string; mean: number }[];
  left_out_other_identity: number;
  since_previous: {
    run: string;
    verdict: "better" | "worse" | "no_difference_shown" | "not_enough_data";
    difference: number | null;
    low: number | null;
    high: number | null;
    n: number;
  } | null;
}

export interface RunTrend {
  runs: { run: string; at: string }[];
  metrics: TrendLine[];
}

export interface Turns {
  conversations: number;
  by_turn: {
    turn: number;
    latency_ms_p50: number | null;
    latency_ms_p95: number | null;
    faithfulness: number | null;
    n_faithfulness: number;
  }[];
}

/** The parts by their names; a part that had nothing to look at, or failed, is absent. */
export interface Parts {
  statistics?: Statistics;
  diagnostic?: Diagnostic;
  slices?: Slices;
  failure_clusters?: Clusters;
  priority?: Priority;
  retrieval?: Retrieval;
  question_types?: { types: QuestionType[] };
  keywords?: Keywords;
  associations?: Associations;
  trend?: RunTrend;
  multiturn?: Turns;
}

export function partsOf({ nodes }: Analysis): Parts {
  const said = nodes.filter(({ output }) => output !== null).map(({ node_id, output }) => [node_id, output]);
  return Object.fromEntries(said) as Parts;
}

/** Parts that say nothing: they were skipped, or they failed. */
export function silentParts({ nodes }: Analysis): AnalysisNode[] {
  return nodes.filter(({ output }) => output === null);
}

/** The metrics whose numbers a finding quotes. */
export function metricsOf({ metric, numbers }: Finding): string[] {
  if (metric !== null) return [metric];
  const names = Object.keys(numbers).flatMap((name) => {
    const end = name.lastIndexOf(".");
    return end > 0 && !name.startsWith("retrieval.") ? [name.slice(0, end)] : [];
  });
  return [...new Set(names)];
}

/** Whether a finding is about what was retrieved. */
export function isOfRetrieval({ numbers }: Finding): boolean {
  return Object.keys(numbers).some((name) => name.startsWith("retrieval."));
}
