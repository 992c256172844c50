import { type KeyboardEvent, useRef } from "react";
import type { Band } from "@/components/ui/band-mark";
import classes from "./run-chart.module.css";
import { type Scale, scaleOfValues, shareOf } from "./scale";

/** A run in the chart. */
export interface RunMark {
  id: string;
  /** All that there is to say of it, read out and shown on hover. */
  label: string;
  /** Null leaves its place empty. */
  value: number | null;
  low: number | null;
  high: number | null;
  band: Band;
  /** Why no line leads here from the run before; empty if one does. */
  breaks: string;
  /** The same in a word or two, to stand above the break. */
  breakWord: string;
  isBaseline: boolean;
  /** `A` or `B` if it is chosen. */
  letter: string | null;
  /** Below the chart. */
  tick: string;
}

interface RunChartProps {
  label: string;
  marks: readonly RunMark[];
  isRatio?: boolean;
  isBars?: boolean;
  /** A limit to hold the values against. */
  limit?: number | null;
  height?: number;
  formatTick: (value: number) => string;
  onChoose: (id: string) => void;
  /** The run that the pointer or the focus is at. */
  onLook: (id: string | null) => void;
}

const MOST_TICKS = 8;
/** More of them would stand on top of each other. */
const MOST_WORDS = 5;

/** Runs in their order, each a button; a line leads from one to the next only where the same ruler measured both. */
export function RunChart(props: RunChartProps) {
  const { label, marks, isRatio = false, isBars = false, limit = null, height = 200, formatTick } = props;
  const scale = scaleOfValues([limit, ...marks.flatMap(({ value, low, high }) => [value, low, high])], {
    hasZero: isBars,
    isRatio,
  });
  const every = Math.ceil(marks.length / MOST_TICKS);
  return (
    <figure className={classes.chart} aria-label={label}>
      <div className={classes.axis} style={{ height }} aria-hidden="true">
        {scale.ticks.map((tick) => (
          <span key={tick} style={{ bottom: percent(shareOf(tick, scale)) }}>
            {formatTick(tick)}
          </span>
        ))}
      </div>
      <div className={classes.plot} style={{ height }}>
        {scale.ticks.map((tick) => (
          <span key={tick} className={classes.grid} style={{ bottom: percent(shareOf(tick, scale)) }} />
        ))}
        {limit !== null && (
          <span className={classes.limit} style={{ bottom: percent(shareOf(limit, scale)) }} />
        )}
        <Breaks marks={marks} />
        {!isBars && <Lines marks={marks} scale={scale} />}
        <Points {...props} scale={scale} />
      </div>
      <div className={classes.ticks} aria-hidden="true">
        {marks.map(({ id, tick }, at) => (
          <span key={id} data-odd={(at / every) % 2 === 1 || undefined}>
            {at % every === 0 ? tick : ""}
          </span>
        ))}
      </div>
    </figure>
  );
}

function Breaks({ marks }: { marks: readonly RunMark[] }) {
  const hasWords = marks.filter(({ breaks }) => breaks !== "").length <= MOST_WORDS;
  return marks.map(
    ({ id, breaks, breakWord }, at) =>
      breaks !== "" && (
        <span key={id} className={classes.break} style={{ left: percent(at / marks.length) }} title={breaks}>
          {hasWords && <small aria-hidden="true">{breakWord}</small>}
        </span>
      ),
  );
}

function Lines({ marks, scale }: { marks: readonly RunMark[]; scale: Scale }) {
  const x = (at: number) => ((at + 0.5) / marks.length) * 100;
  const y = (value: number) => (1 - shareOf(value, scale)) * 100;
  return (
    <svg
      className={classes.lines}
      viewBox="0 0 100 100"
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {marks.map(({ id, low, high }, at) =>
        low === null || high === null ? null : (
          <line key={id} className={classes.interval} x1={x(at)} x2={x(at)} y1={y(low)} y2={y(high)} />
        ),
      )}
      {segmentsOf(marks).map((places) => (
        <polyline
          key={places[0]}
          className={classes.line}
          points={places.map((at) => `${x(at)},${y(marks[at]?.value ?? 0)}`).join(" ")}
        />
      ))}
    </svg>
  );
}

/** Places of runs that one line leads through: neighbours with a value and no break between them. */
export function segmentsOf(marks: readonly Pick<RunMark, "value" | "breaks">[]): number[][] {
  const segments: number[][] = [];
  let current: number[] = [];
  for (const [at, { value, breaks }] of marks.entries()) {
    if (value === null || breaks !== "") {
      segments.push(current);
      current = [];
    }
    if (value !== null) current.push(at);
  }
  return [...segments, current].filter(({ length }) => length > 1);
}

function Points({ marks, isBars, scale, onChoose, onLook }: RunChartProps & { scale: Scale }) {
  const frame = useRef<HTMLDivElement>(null);
  const last = marks.findLastIndex(({ value }) => value !== null);
  const chosen = marks.findIndex(({ letter }) => letter !== null);
  const reachable = chosen >= 0 && marks[chosen]?.value !== null ? chosen : last;
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons: Element[] = [...(frame.current?.querySelectorAll("button") ?? [])];
    const next = buttons[buttons.indexOf(event.target as Element) + step];
    if (next instanceof HTMLElement) next.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys go between the buttons inside
    <div ref={frame} onKeyDown={move} onMouseLeave={() => onLook(null)}>
      {marks.map((mark, at) => {
        const { id, label, value, band, isBaseline, letter } = mark;
        if (value === null) return null;
        const share = shareOf(value, scale);
        return (
          <button
            key={id}
            type="button"
            className={isBars ? classes.bar : classes.point}
            style={{
              left: percent((at + 0.5) / marks.length),
              bottom: isBars ? 0 : percent(share),
              ...(isBars && { height: percent(share), width: percent(0.6 / marks.length) }),
            }}
            tabIndex={at === reachable ? 0 : -1}
            aria-label={label}
            aria-pressed={letter !== null}
            data-band={band}
            data-baseline={isBaseline || undefined}
            onClick={() => onChoose(id)}
            onMouseEnter={() => onLook(id)}
            onFocus={() => onLook(id)}
            onBlur={() => onLook(null)}
          >
            {letter && <b aria-hidden="true">{letter}</b>}
          </button>
        );
      })}
    </div>
  );
}

function percent(share: number): string {
  return `${share * 100}%`;
}
