import classes from "./count-bars.module.css";

interface CountBarsProps {
  /** Oldest first; null is no data and is hatched. */
  counts: readonly (number | null)[];
  height?: number;
}

/** How often something happened, window by window, without axes; its meaning stands beside it as text. */
export function CountBars({ counts, height = 20 }: CountBarsProps) {
  const most = Math.max(1, ...counts.filter((count) => count !== null));
  return (
    <span className={classes.bars} style={{ height }} aria-hidden="true">
      {counts.map((count, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a window is its place
          key={index}
          data-unknown={count === null || undefined}
          style={{ height: count === null ? "100%" : `${(count / most) * 100}%` }}
        />
      ))}
    </span>
  );
}
