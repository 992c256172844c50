import { useTranslation } from "react-i18next";
import { BandMark } from "@/components/ui/band-mark";
import { Change, UnitNumber } from "@/components/ui/number";
import { Panel } from "@/components/ui/panel";
import { LoadingState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCount, formatValue, relativeChange } from "@/lib/format";
import classes from "./explorer.module.css";
import { isBreakdown } from "./families";
import type { Explorer } from "./use-explorer";
import { formatStretch } from "./window-text";

/** The value over the range, judged, and against the period before. */
export function Summary({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const { overall, signal, refusal } = explorer;
  return (
    <Panel title={t("summary.title")}>
      {overall ? (
        isBreakdown(signal) ? (
          <LargestPart explorer={explorer} />
        ) : (
          <Value explorer={explorer} />
        )
      ) : refusal ? (
        <p className={classes.quiet}>{t("summary.refused")}</p>
      ) : (
        <LoadingState height={84} rows={2} />
      )}
    </Panel>
  );
}

function Value({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const { signal, overall, overallBefore } = explorer;
  const series = overall?.series[0];
  const [value, before] = [series?.values[0] ?? null, overallBefore?.series[0]?.values[0] ?? null];
  const change = relativeChange(value, before);
  return (
    <>
      <div className={classes.big}>
        <UnitNumber value={value} unit={signal.unit} />
        <BandMark band={series?.bands[0] ?? "no_data"} withWord />
      </div>
      <p className={classes.quiet}>
        {change !== null && <Change change={change} better={signal.better} label={t("summary.change")} />}{" "}
        {t("summary.before", { value: formatValue(before, signal.unit, language) })}
      </p>
      <Basis explorer={explorer} count={series?.counts[0] ?? 0} />
    </>
  );
}

function LargestPart({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const { signal, overall } = explorer;
  const parts = [...(overall?.series ?? [])].sort(
    (one, other) => (other.values[0] ?? 0) - (one.values[0] ?? 0),
  );
  const largest = parts[0];
  return (
    <>
      <div className={classes.big}>
        <UnitNumber value={largest?.values[0] ?? null} unit={signal.unit} />
        {!largest && <BandMark band="no_data" withWord />}
      </div>
      {largest && (
        <p className={classes.quiet}>
          {t("summary.largest", {
            part: Object.entries(largest.labels)
              .map(([name, value]) => `${name} ${visibleLine(value)}`)
              .join(", "),
          })}
        </p>
      )}
      <Basis explorer={explorer} count={Math.max(0, ...parts.map(({ counts }) => counts[0] ?? 0))} />
    </>
  );
}

/** On how many records it rests, of which time, and whether all of it has arrived. */
function Basis({ explorer, count }: { explorer: Explorer; count: number }) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const { overall } = explorer;
  if (!overall) return null;
  return (
    <p className={classes.quiet}>
      {t("samples", { count, written: formatCount(count, language) })}
      {" · "}
      {formatStretch(overall.since, overall.until, language)}
      {overall.complete[0] === false && ` · ${t("summary.incomplete")}`}
    </p>
  );
}
