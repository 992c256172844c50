import { Checkbox } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { SERIES_COLORS } from "@/components/charts/drawing";
import { BandMark } from "@/components/ui/band-mark";
import { useLanguage } from "@/i18n";
import { formatCount, formatValue } from "@/lib/format";
import { DRAWN, seriesKey, type Total } from "./series";
import classes from "./series-list.module.css";
import type { Explorer } from "./use-explorer";
import { useSeriesNames } from "./use-names";

/** More are in the table of values. */
const LISTED = 100;

interface SeriesListProps {
  explorer: Explorer;
  /** The window under the cross-hair; null shows the whole range. */
  index: number | null;
}

/** The series with their values, drawn or not; the largest first. */
export function SeriesList({ explorer, index }: SeriesListProps) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const { signal, totals, drawn, change, windows } = explorer;
  const nameOf = useSeriesNames(signal);
  const longest = Math.max(...totals.map(({ value }) => Math.abs(value ?? 0)), 0);
  const series = useMemo(() => new Map(windows?.series.map((one) => [seriesKey(one), one])), [windows]);
  const toggle = (key: string) => {
    const next = drawn.includes(key) ? drawn.filter((other) => other !== key) : [...drawn, key];
    change({ series: next.length ? next : undefined });
  };
  const shownOf = ({ key, value, count, band }: Total) => {
    const one = index === null ? undefined : series.get(key);
    if (index === null) return { value, count, band };
    return {
      value: one?.values[index] ?? null,
      count: one?.counts[index] ?? 0,
      band: one?.bands[index] ?? ("no_data" as const),
    };
  };
  const hidden = totals.length - drawn.length;
  return (
    <div className={classes.frame}>
      <div className={classes.scroll}>
        <table className={classes.table} aria-label={t("series.label")}>
          <thead>
            <tr>
              <th scope="col">{Object.keys(totals[0]?.labels ?? {}).join(" · ")}</th>
              <th scope="col" className={classes.barColumn}>
                <span className="pw-visually-hidden">{t("series.size")}</span>
              </th>
              <th scope="col">{index === null ? t("series.whole") : t("series.window")}</th>
              <th scope="col">{t("table.count")}</th>
              <th scope="col">
                <span className="pw-visually-hidden">{t("table.band")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {totals.slice(0, LISTED).map((total, place) => {
              const { value, count, band } = shownOf(total);
              const isDrawn = drawn.includes(total.key);
              const color = `var(--pw-series-${(place % SERIES_COLORS) + 1})`;
              return (
                <tr key={total.key} data-off={!isDrawn || undefined}>
                  <th scope="row">
                    <Checkbox
                      size="xs"
                      color={color}
                      checked={isDrawn}
                      label={nameOf(total)}
                      title={nameOf(total)}
                      classNames={{ body: classes.check, labelWrapper: classes.name, label: classes.label }}
                      onChange={() => toggle(total.key)}
                    />
                  </th>
                  <td className={classes.barColumn} aria-hidden="true">
                    <span
                      className={classes.bar}
                      style={{
                        width: `${longest > 0 ? (Math.abs(value ?? 0) / longest) * 100 : 0}%`,
                        background: color,
                      }}
                    />
                  </td>
                  <td>{formatValue(value, signal.unit, language)}</td>
                  <td>{formatCount(count, language)}</td>
                  <td>
                    <BandMark band={band} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {hidden > 0 && (
        <p className={classes.note}>
          {t("series.hidden", { drawn: drawn.length, count: hidden })}
          {totals.length > LISTED && ` ${t("series.unlisted", { count: totals.length - LISTED })}`}
        </p>
      )}
      {explorer.search.series && (
        <button type="button" className={classes.reset} onClick={() => change({ series: undefined })}>
          {t("series.reset", { count: Math.min(DRAWN, totals.length) })}
        </button>
      )}
    </div>
  );
}
