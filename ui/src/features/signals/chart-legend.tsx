import { useTranslation } from "react-i18next";
import type { ChartContent } from "@/components/charts/types";
import { useLanguage } from "@/i18n";
import { formatCount, formatValue } from "@/lib/format";
import classes from "./explorer.module.css";
import { SeriesList } from "./series-list";
import type { Explorer } from "./use-explorer";

interface ChartLegendProps {
  explorer: Explorer;
  content: ChartContent;
  /** The window under the cross-hair. */
  index: number | null;
}

/** The window under the cross-hair in words and, of a signal that is split, its series. */
export function ChartLegend({ explorer, content, index }: ChartLegendProps) {
  return (
    <>
      <Readout explorer={explorer} content={content} index={index} />
      {explorer.totals.length > 0 && hasLabels(explorer) && <SeriesList explorer={explorer} index={index} />}
    </>
  );
}

function hasLabels({ totals }: Explorer): boolean {
  return totals.some(({ labels }) => Object.keys(labels).length > 0);
}

function Readout({ explorer, content, index }: ChartLegendProps) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  if (index === null) return <p className={classes.readout}>{t("chart.how")}</p>;
  const count = explorer.windows?.series[0]?.counts[index] ?? 0;
  return (
    <p className={classes.readout}>
      {!hasLabels(explorer) &&
        content.series.map(({ label, values }) => (
          <span key={label}>
            {label} <b>{formatValue(values[index], content.unit, language)}</b>
          </span>
        ))}
      {!hasLabels(explorer) && <span>{t("samples", { count, written: formatCount(count, language) })}</span>}
      {content.complete[index] === false && <span>{t("summary.incomplete")}</span>}
    </p>
  );
}
