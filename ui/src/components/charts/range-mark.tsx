import classes from "./range-mark.module.css";

interface RangeMarkProps {
  value: number | null;
  /** Ends of the interval; null where there is none. */
  low: number | null;
  high: number | null;
  /** Ends of the scale. */
  from: number;
  to: number;
  /** A limit to hold the value against. */
  limit?: number | null;
  band?: "normal" | "warning" | "critical";
  /** A stretch around 0 or another value that counts as the same. */
  margin?: readonly [number, number];
}

/** A value with its interval on a scale; the numbers stand beside it as text. */
export function RangeMark(props: RangeMarkProps) {
  const { value, low, high, from, to, limit = null, band = "normal", margin } = props;
  const share = (at: number) => `${clamp((at - from) / (to - from || 1)) * 100}%`;
  const width = (start: number, end: number) =>
    `${Math.max(clamp((end - from) / (to - from || 1)) - clamp((start - from) / (to - from || 1)), 0) * 100}%`;
  return (
    <span className={classes.track} data-band={band} aria-hidden="true">
      {margin && (
        <span className={classes.margin} style={{ left: share(margin[0]), width: width(...margin) }} />
      )}
      {low !== null && high !== null && (
        <span className={classes.interval} style={{ left: share(low), width: width(low, high) }} />
      )}
      {limit !== null && <span className={classes.limit} style={{ left: share(limit) }} />}
      {value !== null && <span className={classes.value} style={{ left: share(value) }} />}
    </span>
  );
}

function clamp(share: number): number {
  return Math.max(0, Math.min(1, share));
}
