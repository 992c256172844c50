import { type KeyboardEvent, type PointerEvent, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { HistogramAnswer } from "@/api/traces";
import { useLanguage } from "@/i18n";
import { formatClock, formatCount, formatInstant } from "@/lib/format";
import classes from "./histogram.module.css";

type Bucket = HistogramAnswer["buckets"][number];

interface HistogramProps {
  answer: HistogramAnswer;
  /** A stretch of time was chosen, milliseconds since the epoch. */
  onNarrow: (start: number, end: number) => void;
  onWiden: () => void;
}

/** Buckets from one to another, both of them part of it. */
interface Span {
  from: number;
  to: number;
}

const HEIGHT = 48;
const WIDTH = 1000;
const KEY_STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** How many matched over time, what failed hatched at the foot. Drag, or Shift and arrow keys, narrow the time. */
export function Histogram({ answer, onNarrow, onWiden }: HistogramProps) {
  const { t } = useTranslation("traces");
  const frame = useRef<HTMLDivElement>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const count = answer.buckets.length;
  const span = spanOf(anchor, cursor);

  const narrow = ({ from, to }: Span) => {
    setAnchor(null);
    const start = Date.parse(answer.buckets[from]?.start ?? "");
    const end = Date.parse(answer.buckets[to]?.start ?? "") + answer.step_seconds * 1000;
    onNarrow(Math.max(start, Date.parse(answer.since)), Math.min(end, Date.parse(answer.until)));
  };
  const bucketAt = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || box.width === 0 || count === 0) return null;
    return Math.max(0, Math.min(count - 1, Math.floor(((event.clientX - box.left) / box.width) * count)));
  };
  const move = (step: number, isStretching: boolean) => {
    const at = cursor ?? (step > 0 ? -1 : count);
    const within = (index: number) => Math.max(0, Math.min(count - 1, index));
    if (!isStretching) setAnchor(null);
    else if (anchor === null) setAnchor(within(at));
    setCursor(within(at + step));
  };
  const stepOut = () => {
    if (anchor === null) onWiden();
    else setAnchor(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = KEY_STEPS[event.key];
    if (step !== undefined && count > 0) {
      event.preventDefault();
      move(step, event.shiftKey);
    } else if (event.key === "Enter" && cursor !== null) narrow(span ?? { from: cursor, to: cursor });
    else if (event.key === "Escape") stepOut();
  };
  return (
    <div className={classes.histogram}>
      <div
        ref={frame}
        className={classes.frame}
        role="group"
        aria-label={`${t("histogram.label")}. ${t("histogram.keys")}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move through the buckets
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture?.(event.pointerId);
          setAnchor(bucketAt(event));
        }}
        onPointerMove={(event) => setCursor(bucketAt(event))}
        onPointerUp={() => (span && span.to > span.from ? narrow(span) : setAnchor(null))}
        onPointerCancel={() => setAnchor(null)}
        onPointerLeave={() => anchor === null && setCursor(null)}
        onDoubleClick={onWiden}
        onBlur={() => {
          setAnchor(null);
          setCursor(null);
        }}
      >
        <Buckets answer={answer} />
        {cursor !== null && (
          <Stretch span={span ?? { from: cursor, to: cursor }} count={count} isChosen={span !== null} />
        )}
      </div>
      <Readout answer={answer} span={span ?? (cursor === null ? null : { from: cursor, to: cursor })} />
    </div>
  );
}

function spanOf(anchor: number | null, cursor: number | null): Span | null {
  if (anchor === null || cursor === null) return null;
  return { from: Math.min(anchor, cursor), to: Math.max(anchor, cursor) };
}

function Buckets({ answer }: { answer: HistogramAnswer }) {
  const hatch = useId();
  const { buckets } = answer;
  const highest = Math.max(1, ...buckets.map(({ count }) => count));
  const step = WIDTH / Math.max(1, buckets.length);
  const heightOf = (count: number) => (count === 0 ? 0 : Math.max(1.5, (count / highest) * (HEIGHT - 4)));
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      className={classes.drawing}
      aria-hidden="true"
      focusable="false"
    >
      <defs>
        <pattern id={hatch} width="8" height="4" patternUnits="userSpaceOnUse">
          <rect width="8" height="4" className={classes.failed} />
          <rect width="8" height="1.3" className={classes.stripe} />
        </pattern>
      </defs>
      {buckets.map(({ start, count, error_count }, index) => {
        const failed = Math.min(heightOf(error_count), heightOf(count));
        const passed = heightOf(count) - failed;
        const place = { x: index * step + step * 0.08, width: step * 0.84 };
        return (
          <g key={start}>
            <rect {...place} y={HEIGHT - failed - passed} height={passed} className={classes.passed} />
            <rect {...place} y={HEIGHT - failed} height={failed} fill={`url(#${hatch})`} />
          </g>
        );
      })}
    </svg>
  );
}

function Stretch({ span, count, isChosen }: { span: Span; count: number; isChosen: boolean }) {
  const style = {
    left: `${(span.from / count) * 100}%`,
    width: `${((span.to - span.from + 1) / count) * 100}%`,
  };
  return (
    <span className={classes.stretch} style={style} data-chosen={isChosen || undefined} aria-hidden="true" />
  );
}

/** What stands under the pointer, else the ends of the time. */
function Readout({ answer, span }: { answer: HistogramAnswer; span: Span | null }) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const chosen = span ? answer.buckets.slice(span.from, span.to + 1) : [];
  const first = chosen[0];
  if (!first) {
    return (
      <div className={classes.axis}>
        <span>{formatInstant(answer.since, language)}</span>
        <span>{formatInstant(answer.until, language)}</span>
      </div>
    );
  }
  const end = Date.parse(chosen.at(-1)?.start ?? first.start) + answer.step_seconds * 1000;
  const sum = (pick: (bucket: Bucket) => number) => chosen.reduce((total, one) => total + pick(one), 0);
  return (
    <div className={classes.axis} aria-live="polite">
      <span>
        {formatInstant(first.start, language)} – {formatClock(end, language)}
        {" · "}
        {t("histogram.bucket", {
          matches: formatCount(
            sum(({ count }) => count),
            language,
          ),
          failed: formatCount(
            sum(({ error_count }) => error_count),
            language,
          ),
        })}
      </span>
    </div>
  );
}
