import { useTranslation } from "react-i18next";
import type { Distribution, MetricSummary } from "@/api/eval-runs";
import { useLanguage } from "@/i18n";
import { formatCount, formatScore } from "@/lib/format";
import { passes } from "../model/scores";
import classes from "./histogram.module.css";

const WIDTH = 140;
const HEIGHT = 26;
const LEAST_PX = 2;

interface HistogramProps {
  /** Absent while it is on its way. */
  distribution: Distribution | undefined;
  threshold: number | null;
  direction: MetricSummary["direction"];
  unit: string;
}

/** How many cases have which score; the threshold is a line, and what misses it is hatched. */
export function Histogram({ distribution, threshold, direction, unit }: HistogramProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  if (!distribution || distribution.counts.length === 0) return <span className={classes.blank} />;
  const { low, high, counts } = distribution;
  const most = Math.max(...counts);
  const size = (high - low) / counts.length;
  const x = (value: number) => ((value - low) / (high - low || 1)) * WIDTH;
  const isMissed = (index: number) =>
    threshold !== null &&
    !passes(low + (index + (direction === "higher" ? 1 : 0)) * size, threshold, direction);
  const label = t("spread.label", {
    low: formatScore(low, unit, language),
    high: formatScore(high, unit, language),
    most: formatCount(most, language),
  });
  return (
    <svg
      className={classes.histogram}
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={label}
    >
      <line x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} className={classes.base} />
      {counts.map((count, index) => {
        const height = count === 0 ? 0 : Math.max((count / most) * (HEIGHT - 2), LEAST_PX);
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
            key={index}
            x={(index * WIDTH) / counts.length + 0.5}
            y={HEIGHT - 1 - height}
            width={WIDTH / counts.length - 1}
            height={height}
            className={isMissed(index) ? classes.missed : classes.bar}
          />
        );
      })}
      {threshold !== null && threshold >= low && threshold <= high && (
        <line x1={x(threshold)} x2={x(threshold)} y1="0" y2={HEIGHT} className={classes.threshold} />
      )}
    </svg>
  );
}
