/** What is drawn on a chart's canvas besides its lines: limits of bands, marks of changes, incomplete windows. */

import type uPlot from "uplot";
import { areBars } from "./bars";
import type { ChartContent } from "./types";

/** Colours of the theme in force. */
export interface Palette {
  ink: string;
  faint: string;
  line: string;
  surface: string;
  accent: string;
  warning: string;
  critical: string;
  series: readonly string[];
}

export const SERIES_COLORS = 8;

export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(`--pw-${name}`).trim() || "#888888";
  return {
    ink: read("ink-soft"),
    faint: read("ink-faint"),
    line: read("line"),
    surface: read("surface"),
    accent: read("accent"),
    warning: read("warning-mark"),
    critical: read("critical-mark"),
    series: Array.from({ length: SERIES_COLORS }, (_, index) => read(`series-${index + 1}`)),
  };
}

export function seriesColor(palette: Palette, index: number): string {
  return palette.series[index % palette.series.length] ?? palette.accent;
}

/** Shade what lies beyond a limit and draw the limit itself; under the lines. */
export function drawLimits(chart: uPlot, content: ChartContent, palette: Palette): void {
  const { ctx, bbox } = chart;
  ctx.save();
  for (const limit of content.limits ?? []) {
    const y = chart.valToPos(limit.value, "y", true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    const color = limit.band === "critical" ? palette.critical : palette.warning;
    ctx.fillStyle = color;
    ctx.globalAlpha = 0.06;
    if (limit.isUpper) ctx.fillRect(bbox.left, bbox.top, bbox.width, y - bbox.top);
    else ctx.fillRect(bbox.left, y, bbox.width, bbox.top + bbox.height - y);
    ctx.globalAlpha = 0.8;
    strokeLine(ctx, color, [4, 4], bbox.left, y, bbox.left + bbox.width, y);
  }
  ctx.restore();
}

/** Shade the window that was chosen; under the lines. */
export function drawPicked(chart: uPlot, content: ChartContent, palette: Palette): void {
  if (content.picked === undefined) return;
  const { ctx, bbox } = chart;
  const at = (seconds: number) => chart.valToPos(seconds, "x", true);
  // The point of a line stands at the start of its window; a bar fills it.
  const start = content.picked / 1000 - (areBars(content) ? 0 : content.stepSeconds / 2);
  const left = Math.max(bbox.left, at(start));
  const right = Math.min(bbox.left + bbox.width, at(start + content.stepSeconds));
  ctx.save();
  ctx.globalAlpha = 0.16;
  ctx.fillStyle = palette.accent;
  if (right > left) ctx.fillRect(left, bbox.top, Math.max(right - left, 2 * devicePixelRatio), bbox.height);
  ctx.restore();
}

/** Lighten what is not complete yet and draw the marks of changes; over the lines. */
export function drawOverlays(chart: uPlot, content: ChartContent, palette: Palette): void {
  const { ctx, bbox } = chart;
  const right = bbox.left + bbox.width;
  ctx.save();
  const first = content.complete.indexOf(false);
  if (first >= 0) {
    // A line leads from the last complete window to the first that is not; a bar stands in its window.
    const from = areBars(content) ? first : Math.max(first - 1, 0);
    const x = Math.max(bbox.left, chart.valToPos((content.starts[from] ?? 0) / 1000, "x", true));
    ctx.globalAlpha = 0.6;
    ctx.fillStyle = palette.surface;
    if (x < right) ctx.fillRect(x, bbox.top, right - x, bbox.height);
  }
  ctx.globalAlpha = 0.9;
  for (const mark of content.marks ?? []) {
    const x = chart.valToPos(mark.at / 1000, "x", true);
    if (x < bbox.left || x > right) continue;
    strokeLine(ctx, palette.accent, [2, 3], x, bbox.top, x, bbox.top + bbox.height);
    ctx.fillStyle = palette.accent;
    ctx.beginPath();
    ctx.moveTo(x - 4 * devicePixelRatio, bbox.top);
    ctx.lineTo(x + 4 * devicePixelRatio, bbox.top);
    ctx.lineTo(x, bbox.top + 6 * devicePixelRatio);
    ctx.fill();
  }
  ctx.restore();
}

function strokeLine(
  ctx: CanvasRenderingContext2D,
  color: string,
  dash: number[],
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): void {
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash(dash.map((length) => length * devicePixelRatio));
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}
