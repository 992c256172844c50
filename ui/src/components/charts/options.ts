/** Options of uPlot for a chart of a page: one shared cross-hair, drag to zoom, our colours and number formats. */

import type uPlot from "uplot";
import type { Language } from "@/i18n/languages";
import { formatTick } from "@/lib/format";
import { areBars, barPaths, stackedTops, windowAt } from "./bars";
import { drawLimits, drawOverlays, drawPicked, type Palette, seriesColor } from "./drawing";
import type { ChartContent } from "./types";

const FONT = "11px Pretendard, 'Noto Sans KR', 'Noto Sans CJK KR', system-ui, sans-serif";

export interface Reactions {
  /** The window under the cross-hair; null when it left. */
  onHover: (index: number | null) => void;
  /** A stretch of time was dragged over, milliseconds since the epoch. */
  onZoom: ((start: number, end: number) => void) | undefined;
}

interface ChartSetup {
  content: ChartContent;
  palette: Palette;
  language: Language;
  width: number;
  height: number;
  syncKey: string;
  reactions: Reactions;
}

export function dataOf(content: ChartContent): uPlot.AlignedData {
  const values =
    content.kind === "stacked-bars"
      ? stackedTops(content.series)
      : content.series.map(({ values }) => [...values]);
  return [content.starts.map((start) => start / 1000), ...values];
}

export function optionsOf({
  content,
  palette,
  language,
  width,
  height,
  syncKey,
  reactions,
}: ChartSetup): uPlot.Options {
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 20, 0, 0],
    cursor: {
      sync: { key: syncKey, setSeries: false },
      drag: { x: true, y: false, setScale: false },
      points: areBars(content) ? { show: false } : { size: 7 },
      bind: { dblclick: () => null },
    },
    scales: {
      x: { time: true, range: () => xRange(content) },
      y: { range: (_, low, high) => yRange(content, low, high) },
    },
    series: [
      {},
      ...content.series.map((series, index) =>
        areBars(content)
          ? barsOf(series.color, index, content, palette)
          : lineOf(series.color, series.isComparison ?? false, content, palette),
      ),
    ],
    axes: [
      {
        stroke: palette.faint,
        font: FONT,
        grid: { show: false },
        ticks: { stroke: palette.line, size: 4 },
        values: timeLabels(language),
        size: 26,
        space: 64,
      },
      {
        stroke: palette.faint,
        font: FONT,
        grid: { stroke: palette.line, width: 1 },
        ticks: { show: false },
        size: (_, values) => axisWidth(values),
        space: 32,
        values: (_, ticks) => ticks.map((tick) => formatTick(tick, content.unit, language)),
      },
    ],
    hooks: {
      drawClear: [
        (chart) => drawLimits(chart, content, palette),
        (chart) => drawPicked(chart, content, palette),
      ],
      draw: [(chart) => drawOverlays(chart, content, palette)],
      setCursor: [(chart) => reactions.onHover(hoveredWindow(chart, content))],
      setSelect: [(chart) => zoom(chart, reactions)],
    },
  };
}

function lineOf(color: number, isComparison: boolean, content: ChartContent, palette: Palette): uPlot.Series {
  // Beside one line the period before is faint; beside several each keeps the colour of its line.
  const isOnly = content.series.filter((series) => !series.isComparison).length < 2;
  const comparisonColor = isComparison && isOnly ? palette.faint : null;
  return {
    stroke: comparisonColor ?? seriesColor(palette, color),
    width: isComparison ? 1 : 1.5,
    ...(isComparison ? { dash: [4, 4], alpha: 0.75 } : {}),
    points: {
      show: true,
      size: 5,
      filter: (_, series) => lonePoints(content.series[series - 1]?.values ?? []),
    },
    spanGaps: false,
  };
}

/** Values without a neighbour: no line leads to them, so that they are drawn as points. */
function lonePoints(values: readonly (number | null)[]): number[] {
  return values.flatMap((value, index) =>
    value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null
      ? [index]
      : [],
  );
}

function barsOf(color: number, index: number, content: ChartContent, palette: Palette): uPlot.Series {
  return {
    stroke: seriesColor(palette, color),
    fill: seriesColor(palette, color),
    width: 0,
    points: { show: false },
    paths: barPaths(content, index),
  };
}

function xRange(content: ChartContent): uPlot.Range.MinMax {
  const first = (content.starts[0] ?? 0) / 1000;
  const last = (content.starts[content.starts.length - 1] ?? 0) / 1000;
  if (areBars(content)) return [first, last + content.stepSeconds];
  return first === last ? [first - content.stepSeconds, last + content.stepSeconds] : [first, last];
}

/** From zero where that does not flatten the line; a limit is shown when values come near it. */
function yRange(content: ChartContent, low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [0, 1];
  const [bottom, top] = withLimits(content, low, high);
  const floor = bottom > 0 && (bottom < top * 0.6 || areBars(content)) ? 0 : bottom;
  if (floor === top) return floor === 0 ? [0, 1] : [Math.min(0, floor), Math.max(0, top) * 1.1];
  const margin = (top - floor) * 0.06;
  const ceiling = content.unit === "ratio" && top <= 1 ? Math.min(1, top + margin) : top + margin;
  return [floor === 0 ? 0 : floor - margin, ceiling];
}

function withLimits(content: ChartContent, low: number, high: number): [number, number] {
  const limits = content.limits ?? [];
  const near = limits.filter(({ isUpper, value }) => (isUpper ? high > value * 0.5 : low < value * 1.5));
  const upper = near.filter(({ isUpper }) => isUpper).map(({ value }) => value * 1.05);
  const lower = near.filter(({ isUpper }) => !isUpper).map(({ value }) => value * 0.95);
  return [Math.min(low, ...lower), Math.max(high, ...upper)];
}

function axisWidth(values: string[] | null): number {
  const longest = Math.max(0, ...(values ?? []).map((value) => value.length));
  return Math.max(36, longest * 6.6 + 12);
}

function timeLabels(language: Language): uPlot.Axis.DynamicValues {
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language, options);
  const clock = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const seconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
  const day = format({ month: "short", day: "numeric" });
  return (_, ticks, _axis, _space, increment) => {
    let shownDay = "";
    return ticks.map((tick) => {
      const date = new Date(tick * 1000);
      if (increment >= 86_400) return day.format(date);
      const written = (increment < 60 ? seconds : clock).format(date);
      const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
      if (!isMidnight || day.format(date) === shownDay) return written;
      shownDay = day.format(date);
      return shownDay;
    });
  };
}

function hoveredWindow(chart: uPlot, content: ChartContent): number | null {
  const { idx, left = -1 } = chart.cursor;
  if (idx === null || idx === undefined || left < 0) return null;
  return areBars(content) ? windowAt(content, chart.posToVal(left, "x")) : idx;
}

function zoom(chart: uPlot, reactions: Reactions): void {
  const { left, width } = chart.select;
  if (width < 4) return;
  const [start, end] = [chart.posToVal(left, "x"), chart.posToVal(left + width, "x")];
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  reactions.onZoom?.(Math.floor(start) * 1000, Math.ceil(end) * 1000);
}

/** Move the cross-hair of a chart, and with it those of all charts of the page, to a window. */
export function moveCursor(chart: uPlot, index: number): void {
  const time = chart.data[0][index];
  if (time === undefined) return;
  chart.setCursor({ left: chart.valToPos(time, "x"), top: chart.over.clientHeight / 2 });
}

const NEAR_PIXELS = 24;

/** The place of the line that a click came near to; null if none. */
export function lineNear(chart: uPlot | null, index: number, clientY: number): number | null {
  if (!chart) return null;
  const y = clientY - chart.over.getBoundingClientRect().top;
  const distances = chart.data.slice(1).map((values, place) => {
    const value = values[index];
    return { place, distance: value == null ? Infinity : Math.abs(chart.valToPos(value, "y") - y) };
  });
  const nearest = distances.sort((one, other) => one.distance - other.distance)[0];
  return nearest && nearest.distance <= NEAR_PIXELS ? nearest.place : null;
}
