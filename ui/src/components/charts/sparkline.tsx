import classes from "./sparkline.module.css";

interface SparklineProps {
  /** Oldest first; null is no data and leaves a gap. */
  values: readonly (number | null)[];
  height?: number;
  /** How many of the last values are not complete yet; drawn lighter. */
  incompleteCount?: number;
}

const WIDTH = 100;

/** A line without axes; its meaning stands beside it as text, so it is hidden from screen readers. */
export function Sparkline({ values, height = 28, incompleteCount = 0 }: SparklineProps) {
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return <div className={classes.empty} style={{ height }} aria-hidden="true" />;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const split = values.length - incompleteCount;
  const point = (value: number, index: number): string => {
    const x = values.length > 1 ? (index / (values.length - 1)) * WIDTH : WIDTH / 2;
    const y = high === low ? height / 2 : height - 2 - ((value - low) / (high - low)) * (height - 4);
    return `${x.toFixed(2)} ${y.toFixed(2)}`;
  };
  return (
    <svg
      className={classes.sparkline}
      viewBox={`0 0 ${WIDTH} ${height}`}
      preserveAspectRatio="none"
      style={{ height }}
      aria-hidden="true"
      focusable="false"
    >
      <path d={pathOf(values, 0, split, point)} className={classes.line} />
      {incompleteCount > 0 && (
        <path
          d={pathOf(values, Math.max(split - 1, 0), values.length, point)}
          className={classes.incomplete}
        />
      )}
    </svg>
  );
}

function pathOf(
  values: readonly (number | null)[],
  from: number,
  to: number,
  point: (value: number, index: number) => string,
): string {
  let path = "";
  let isDrawing = false;
  for (let index = from; index < to; index++) {
    const value = values[index] ?? null;
    if (value !== null) {
      path += `${isDrawing ? "L" : "M"}${point(value, index)}`;
      // A lone point between gaps is drawn as a short stroke.
      if (!isDrawing && (values[index + 1] ?? null) === null) path += "h0.01";
    }
    isDrawing = value !== null;
  }
  return path;
}
