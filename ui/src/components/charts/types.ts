/** One line of a chart. */
export interface ChartSeries {
  label: string;
  /** One per window, oldest first; null is no data and leaves a gap. */
  values: readonly (number | null)[];
  /** 0-based place in the set of series colours. */
  color: number;
  /** The period before, drawn dashed and faint. */
  isComparison?: boolean;
}

/** Something that happened, drawn as a thin vertical line. */
export interface ChartMark {
  /** Milliseconds since the epoch. */
  at: number;
  label: string;
}

/** A limit of a band, such as `> 45000`, in the unit of the chart. */
export interface ChartLimit {
  band: "warning" | "critical";
  isUpper: boolean;
  value: number;
}

/** What a chart shows, apart from how it reacts. */
export interface ChartContent {
  /** Lines unless said otherwise; bars fill their window, one upon the other or side by side. */
  kind?: "lines" | "bars" | "stacked-bars";
  /** Start of each window, milliseconds since the epoch, ascending. */
  starts: readonly number[];
  /** Length of a window. */
  stepSeconds: number;
  /** Whether all of a window has arrived. */
  complete: readonly boolean[];
  unit: string;
  series: readonly ChartSeries[];
  limits?: readonly ChartLimit[];
  marks?: readonly ChartMark[];
  /** Start of the window that was chosen, milliseconds since the epoch. */
  picked?: number;
}

const LIMIT = /^\s*(<=|>=|<|>)\s*(-?[\d.eE+-]+)\s*$/;

/** Read the limits of a signal's bands as the catalogue writes them. */
export function limitsOf(bands: { warning: string | null; critical: string | null }): ChartLimit[] {
  return (["warning", "critical"] as const).flatMap((band) => {
    const match = LIMIT.exec(bands[band] ?? "");
    const value = Number(match?.[2]);
    return match?.[1] && Number.isFinite(value) ? [{ band, isUpper: match[1].startsWith(">"), value }] : [];
  });
}

/** What happened in a window: from the middle between its neighbours for a line, in the window itself for bars. */
export function marksIn(content: ChartContent, index: number): ChartMark[] {
  const start = content.starts[index];
  if (start === undefined) return [];
  const step = content.stepSeconds * 1000;
  const from = content.kind && content.kind !== "lines" ? start : start - step / 2;
  return (content.marks ?? []).filter(({ at }) => at >= from && at < from + step);
}
