/** Bars over time: each fills its window, one upon the other or side by side. */

import type uPlot from "uplot";
import type { ChartContent, ChartSeries } from "./types";

export function areBars(content: ChartContent): boolean {
  return content.kind === "bars" || content.kind === "stacked-bars";
}

/** Where each series ends when it stands on those before it; null where it has no data itself. */
export function stackedTops(series: readonly ChartSeries[]): (number | null)[][] {
  const sums: number[] = [];
  return series.map(({ values }) =>
    values.map((value, window) => {
      if (value === null) return null;
      const top = (sums[window] ?? 0) + value;
      sums[window] = top;
      return top;
    }),
  );
}

/** The window in which a time (seconds) lies; null outside of all. A line instead belongs to the point nearest. */
export function windowAt(content: ChartContent, seconds: number): number | null {
  const index = content.starts.findLastIndex((start) => start / 1000 <= seconds);
  const start = content.starts[index];
  return start === undefined || seconds >= start / 1000 + content.stepSeconds ? null : index;
}

/** The outline of the bars of one series. */
export function barPaths(content: ChartContent, index: number): uPlot.Series.PathBuilder {
  const isStacked = content.kind === "stacked-bars";
  const own = content.series[index]?.values ?? [];
  const places = isStacked ? 1 : Math.max(content.series.length, 1);
  const place = isStacked ? 0 : index;
  return (chart, series, from, to) => {
    const [fill, tops] = [new Path2D(), chart.data[series] ?? []];
    for (let window = from; window <= to; window++) {
      const [start, top] = [chart.data[0][window], tops[window]];
      if (start === undefined || top === null || top === undefined) continue;
      const left = chart.valToPos(start, "x", true);
      const width = chart.valToPos(start + content.stepSeconds, "x", true) - left;
      const gap = Math.min(2 * devicePixelRatio, width * 0.2);
      const bar = (width - gap) / places;
      const bottom = isStacked ? top - (own[window] ?? 0) : 0;
      const [y, base] = [chart.valToPos(top, "y", true), chart.valToPos(bottom, "y", true)];
      fill.rect(left + gap / 2 + bar * place, Math.min(y, base), Math.max(bar, 1), Math.abs(base - y));
    }
    return { stroke: null, fill };
  };
}
