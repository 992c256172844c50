import { useTranslation } from "react-i18next";
import type { PlannedMetric } from "@/api/eval-runs";
import { Note } from "@/components/ui/note";
import { useLanguage } from "@/i18n";
import { formatThreshold } from "@/lib/format";
import { useMetricNames } from "../../use-metric-names";
import { Amount, type FieldsProps } from "./fields";
import classes from "./new-run.module.css";

interface ThresholdFieldsProps extends FieldsProps {
  /** The metrics of the run as it is planned; undefined while nobody knows them. */
  planned: readonly PlannedMetric[] | undefined;
}

/** What a case passes at, metric by metric, with what holds if nothing is set here. */
export function ThresholdFields({ planned, draft, onChange, errors }: ThresholdFieldsProps) {
  const { t } = useTranslation("evals");
  const describe = useDefaults();
  const { titleOf, find } = useMetricNames();
  if (!planned) return <Note>{t("newRun.thresholdsLater")}</Note>;
  const set = (metric: string, value: number | null) => {
    const { [metric]: _, ...others } = draft.thresholds;
    onChange({ thresholds: value === null ? others : { ...others, [metric]: value } });
  };
  return (
    <div className={classes.pairs}>
      {planned.map((metric) => {
        const { name, threshold, unit } = metric;
        const known = find(name);
        return (
          <Amount
            key={name}
            label={titleOf(name)}
            description={describe(metric)}
            {...(threshold === null ? {} : { placeholder: String(threshold) })}
            {...(typeof known?.highest === "number" ? { most: known.highest } : {})}
            least={known?.lowest ?? (unit === "ratio" ? 0 : Number.MIN_SAFE_INTEGER)}
            {...(unit === "ratio" ? { step: 0.05 } : {})}
            error={errors.at(`thresholds.${name}`)}
            value={draft.thresholds[name] ?? null}
            onChange={(value) => set(name, value)}
          />
        );
      })}
    </div>
  );
}

/** Says what a metric passes at without a threshold of this run, and who says so. */
function useDefaults(): (metric: PlannedMetric) => string {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  return ({ threshold, threshold_from, direction, unit }) => {
    if (threshold === null || threshold_from === null) return t("newRun.noThreshold");
    const sign = direction === "higher" ? "≥" : "≤";
    const value = `${sign} ${formatThreshold(threshold, unit, language)}`;
    return t("newRun.thresholdIf", { value, from: t(`thresholdFrom.${threshold_from}`) });
  };
}
