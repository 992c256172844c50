import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { JudgeCalibration } from "@/api/eval-runs";
import { type Band, BandMark } from "@/components/ui/band-mark";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatNumber, formatPercent } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import classes from "./calibration-mark.module.css";

const BANDS: Readonly<Record<JudgeCalibration["state"], Band>> = {
  uncalibrated: "no_data",
  few_labels: "no_data",
  calibrated: "normal",
  moved: "warning",
  expired: "warning",
};

interface CalibrationMarkProps {
  runId: string;
  metric: string;
  /** Absent for a metric that asks no judge. */
  calibration: JudgeCalibration | undefined;
}

/** How far the judge of a metric can be believed; leads to where that is measured. */
export function CalibrationMark({ runId, metric, calibration }: CalibrationMarkProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  if (!calibration) return null;
  const { state, kappa, corrected_rate: corrected, text } = calibration;
  const agreement = kappa?.value ?? null;
  return (
    <span className={classes.calibration}>
      <Link
        to="/evaluations/labels"
        search={{ ...search, run: runId, metric }}
        title={visibleLine(pickText(text, language))}
        className={classes.link}
      >
        <BandMark band={BANDS[state]} withWord word={t(`calibration.${state}`)} />
        {agreement !== null && (
          <span>{t("calibration.kappa", { value: formatNumber(agreement, language) })}</span>
        )}
      </Link>
      {corrected && (
        <small>
          {t("calibration.corrected", {
            rate: formatPercent(corrected.value, language),
            low: formatPercent(corrected.interval.low, language),
            high: formatPercent(corrected.interval.high, language),
          })}
        </small>
      )}
    </span>
  );
}
