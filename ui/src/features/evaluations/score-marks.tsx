import { useTranslation } from "react-i18next";
import type { MetricSummary, ShortScore } from "@/api/eval-runs";
import { RangeMark } from "@/components/charts/range-mark";
import { BandMark } from "@/components/ui/band-mark";
import { useLanguage } from "@/i18n";
import { formatPercent, formatScore, NO_VALUE } from "@/lib/format";
import { bandOfCase, bandOfMean, bandOfScore, scaleOf } from "./model/scores";
import classes from "./score-marks.module.css";
import { useReasons } from "./use-reasons";

interface MeanMarkProps {
  summary: Pick<MetricSummary, "mean" | "low" | "high" | "threshold" | "direction" | "unit">;
  isShort?: boolean;
}

/** A mean with its interval drawn; out of its threshold it is marked by a shape and in words. */
export function MeanMark({ summary, isShort = false }: MeanMarkProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { mean, low, high, threshold, unit } = summary;
  const band = bandOfMean(summary);
  const scale = scaleOf(unit, [low, mean, high, threshold]);
  if (mean === null) return <span className={classes.none}>{NO_VALUE}</span>;
  const interval =
    low === null || high === null
      ? null
      : `${formatScore(low, unit, language)} – ${formatScore(high, unit, language)}`;
  const said = interval ? t("score.interval", { interval }) : t("score.noInterval");
  return (
    <span className={classes.mean} data-short={isShort || undefined} title={said}>
      <span className={classes.number}>
        {band !== "normal" && band !== "no_data" && (
          <BandMark band={band} word={t(band === "warning" ? "score.maybeBelow" : "score.meanBelow")} />
        )}
        {formatScore(mean, unit, language)}
      </span>
      <span className={classes.range}>
        <RangeMark
          value={mean}
          low={low}
          high={high}
          {...scale}
          limit={threshold}
          band={band === "no_data" ? "normal" : band}
        />
      </span>
      {!isShort && <span className={classes.interval}>{interval ?? t("score.noInterval")}</span>}
      {isShort && <span className="pw-visually-hidden">{said}</span>}
    </span>
  );
}

interface RateMarkProps {
  rate: number | null;
  low: number | null;
  high: number | null;
  isShort?: boolean;
}

/** A share of cases with its interval. */
export function RateMark({ rate, low, high, isShort = false }: RateMarkProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  if (rate === null) return <span className={classes.none}>{NO_VALUE}</span>;
  const interval =
    low === null || high === null
      ? null
      : `${formatPercent(low, language)} – ${formatPercent(high, language)}`;
  return (
    <span
      className={classes.mean}
      data-short={isShort || undefined}
      title={interval ? t("score.interval", { interval }) : undefined}
    >
      <span className={classes.number} data-start={isShort || undefined}>
        {formatPercent(rate, language)}
      </span>
      <span className={classes.range}>
        <RangeMark value={rate} low={low} high={high} from={0} to={1} />
      </span>
      {interval && (
        <span className={isShort ? "pw-visually-hidden" : classes.interval}>
          {isShort ? t("score.interval", { interval }) : interval}
        </span>
      )}
    </span>
  );
}

interface ScoreMarkProps {
  score: ShortScore | undefined;
  unit: string;
  withWord?: boolean;
}

/** One score: its value, or why there is none. What is as it should be stays quiet. */
export function ScoreMark({ score, unit, withWord = false }: ScoreMarkProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const reasonOf = useReasons();
  if (!score) return <span className={classes.none}>{NO_VALUE}</span>;
  const band = bandOfScore(score);
  if (score.status === "scored")
    return (
      <span className={classes.score} data-band={band}>
        {band !== "normal" && <BandMark band={band} word={t("score.below")} withWord={withWord} />}
        <span>{formatScore(score.value, unit, language)}</span>
      </span>
    );
  const reason = score.reason ? reasonOf(score.reason) : t(`status.${score.status}`);
  return (
    <span className={classes.score} data-band={band} title={withWord ? undefined : reason}>
      <BandMark band={band} word={withWord ? reason : t(`status.${score.status}`)} withWord />
    </span>
  );
}

/** Whether a case passes all its metrics. */
export function PassedMark({ passed }: { passed: boolean | null }) {
  const { t } = useTranslation("evals");
  const word = passed === null ? "unknown" : passed ? "yes" : "no";
  return <BandMark band={bandOfCase(passed)} withWord word={t(`passed.${word}`)} />;
}
