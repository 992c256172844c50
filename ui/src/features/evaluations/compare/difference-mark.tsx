import { useTranslation } from "react-i18next";
import type { MetricComparison } from "@/api/eval-comparison";
import { RangeMark } from "@/components/charts/range-mark";
import { useLanguage } from "@/i18n";
import { formatScoreDifference, NO_VALUE } from "@/lib/format";
import classes from "./compare.module.css";

type Shown = Pick<MetricComparison, "difference" | "interval" | "unit" | "verdict"> & { margin?: number };

/** A difference with its interval around nothing, and the margin that still counts as the same.
 *
 * `isBare`: of differences that have no interval, which then need no word about it.
 */
export function DifferenceMark(props: Shown & { range: number; isBare?: boolean }) {
  const { difference, interval, unit, verdict, margin = 0, range, isBare = false } = props;
  const { t } = useTranslation("evals");
  const language = useLanguage();
  if (difference === null) return <>{NO_VALUE}</>;
  const written = interval
    ? `${formatScoreDifference(interval.low, unit, language)} – ${formatScoreDifference(interval.high, unit, language)}`
    : t("score.noInterval");
  return (
    <span className={classes.difference}>
      <b>{formatScoreDifference(difference, unit, language)}</b>
      <span>
        <RangeMark
          value={difference}
          low={interval?.low ?? null}
          high={interval?.high ?? null}
          from={-range}
          to={range}
          limit={0}
          band={verdict === "worse" ? "critical" : "normal"}
          {...(margin > 0 ? { margin: [-margin, margin] as const } : {})}
        />
      </span>
      {!isBare && <small>{written}</small>}
    </span>
  );
}

/** How far the scale goes on either side of nothing, so that all intervals fit. */
export function rangeOf(rows: readonly Shown[]): number {
  const ends = rows.flatMap(({ difference, interval, margin }) => [
    Math.abs(difference ?? 0),
    Math.abs(interval?.low ?? 0),
    Math.abs(interval?.high ?? 0),
    margin ?? 0,
  ]);
  return Math.max(...ends) * 1.1 || 1;
}
