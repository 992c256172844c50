import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useLanguage } from "@/i18n";
import { formatInstant, formatValue } from "@/lib/format";
import { readPalette, SERIES_COLORS } from "./drawing";
import { dataOf, lineNear, moveCursor, optionsOf } from "./options";
import classes from "./time-series.module.css";
import { type ChartContent, marksIn } from "./types";

interface TimeSeriesProps {
  content: ChartContent;
  /** What the chart shows, for people who cannot see it. */
  label: string;
  height?: number;
  /** Charts with the same key share their cross-hair. */
  syncKey?: string;
  onZoom?: ((start: number, end: number) => void) | undefined;
  /** Step out of a zoom: double click or Escape. */
  onZoomOut?: (() => void) | undefined;
  /** A window was chosen: click or Enter; with the place of the line that was clicked, if it was near one. */
  onPick?: ((index: number, series: number | null) => void) | undefined;
  isLegendHidden?: boolean;
  /** Stands in place of the legend; told the window under the cross-hair. */
  renderLegend?: (index: number | null) => ReactNode;
}

/** A press that moves further was meant to zoom. */
const DRAG_PX = 4;

/** Lines or bars over time. Drag zooms, arrow keys move the cross-hair, click or Enter picks a window. */
export function TimeSeries(props: TimeSeriesProps) {
  const { content, label, height = 180, syncKey = "page", onZoom, onZoomOut, onPick } = props;
  const { isLegendHidden, renderLegend } = props;
  const { t } = useTranslation();
  const language = useLanguage();
  const scheme = useComputedColorScheme();
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const pressedAt = useRef(0);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the palette that is read from the page
  useEffect(() => {
    const element = frame.current;
    if (!element || typeof HTMLCanvasElement.prototype.getContext !== "function") return;
    const reactions = {
      onHover: setHovered,
      onZoom: (start: number, end: number) => zoom.current?.(start, end),
    };
    const setup = { content, palette: readPalette(element), language, height, syncKey, reactions };
    const made = new uPlot(
      optionsOf({ ...setup, width: element.clientWidth || 300 }),
      dataOf(content),
      element,
    );
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [content, language, height, syncKey, scheme]);

  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const last = content.starts.length - 1;
      const current = hovered ?? last;
      const moves: Record<string, number> = {
        ArrowLeft: current - 1,
        ArrowRight: current + 1,
        Home: 0,
        End: last,
      };
      const next = moves[event.key];
      if (next !== undefined) {
        event.preventDefault();
        const index = Math.max(0, Math.min(last, next));
        if (chart.current) moveCursor(chart.current, index);
        setHovered(index);
      } else if (event.key === "Enter" && hovered !== null) onPick?.(hovered, null);
      else if (event.key === "Escape") onZoomOut?.();
    },
    [content, hovered, onPick, onZoomOut],
  );

  const shown = hovered ?? null;
  const readout = useMemo(
    () => (shown === null ? null : describe(content, shown, language, t("chart.noData"))),
    [content, shown, language, t],
  );
  return (
    <figure className={classes.figure} aria-label={label}>
      <div
        ref={frame}
        className={classes.frame}
        style={{ height }}
        role="group"
        aria-roledescription={t("chart.role")}
        aria-label={`${label}. ${t("chart.keys")}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the cross-hair
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          pressedAt.current = event.clientX;
        }}
        onClick={(event) => {
          const isDrag = Math.abs(event.clientX - pressedAt.current) > DRAG_PX;
          if (hovered === null || isDrag) return;
          onPick?.(hovered, lineNear(chart.current, hovered, event.clientY));
        }}
        onDoubleClick={() => onZoomOut?.()}
        onBlur={() => setHovered(null)}
      />
      <span className="pw-visually-hidden" aria-live="polite">
        {readout}
      </span>
      {shown !== null && <Moment content={content} index={shown} />}
      {renderLegend?.(shown)}
      {!isLegendHidden && !renderLegend && <Legend content={content} index={shown} />}
    </figure>
  );
}

function describe(content: ChartContent, index: number, language: "en" | "ko", noData: string): string {
  const start = content.starts[index];
  if (start === undefined) return "";
  const values = content.series.map(({ label, values }) => {
    const value = values[index] ?? null;
    return `${label} ${value === null ? noData : formatValue(value, content.unit, language)}`;
  });
  const marks = marksIn(content, index).map(({ label }) => label);
  return `${formatInstant(start, language)}: ${[...values, ...marks].join(", ")}`;
}

/** When the cross-hair stands, and what happened then; over the chart, so that nothing moves when it comes. */
function Moment({ content, index }: { content: ChartContent; index: number }) {
  const language = useLanguage();
  const start = content.starts[index];
  if (start === undefined) return null;
  return (
    <div className={classes.moment} aria-hidden="true">
      {formatInstant(start, language)}
      {marksIn(content, index).map(({ at, label }) => (
        <span key={`${at} ${label}`} className={classes.event}>
          {label}
        </span>
      ))}
    </div>
  );
}

/** Names of the lines with their values under the cross-hair, else the last complete ones. */
function Legend({ content, index }: { content: ChartContent; index: number | null }) {
  const language = useLanguage();
  return (
    <figcaption className={classes.legend}>
      {content.series.map((series) => (
        <span key={series.label} className={classes.entry} data-comparison={series.isComparison || undefined}>
          <span
            className={classes.swatch}
            style={{ background: colorVariable(series.color, series.isComparison) }}
          />
          <span className={classes.name} title={series.label}>
            {series.label}
          </span>
          <b>
            {formatValue(
              index === null ? lastKnown(content, series.values) : series.values[index],
              content.unit,
              language,
            )}
          </b>
        </span>
      ))}
    </figcaption>
  );
}

/** The last value that is complete: the window under way is about to change and reads like a fall. */
function lastKnown({ complete }: ChartContent, values: readonly (number | null)[]): number | null {
  const known = values.findLast((value, window) => value !== null && complete[window]);
  return known ?? values.findLast((value) => value !== null) ?? null;
}

function colorVariable(index: number, isComparison?: boolean): string {
  return isComparison ? "var(--pw-ink-faint)" : `var(--pw-series-${(index % SERIES_COLORS) + 1})`;
}
