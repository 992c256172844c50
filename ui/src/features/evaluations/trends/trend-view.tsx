import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Trend, TrendRun } from "@/api/eval-trends";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import {
  formatAxisTime,
  formatCost,
  formatCount,
  formatInstant,
  formatNumber,
  formatPercent,
  formatScore,
  formatThreshold,
  formatTick,
} from "@/lib/format";
import { bandOfMean } from "../model/scores";
import type { TrendsSearch } from "../search";
import { useMetricNames } from "../use-metric-names";
import { RunChart, type RunMark } from "./run-chart";
import { RunStrip } from "./run-strip";
import { TrendTable } from "./trend-table";
import classes from "./trends.module.css";
import { useBreakWords } from "./use-break-words";

interface TrendViewProps {
  trend: Trend;
  search: TrendsSearch;
  onChange: (values: { a: string | undefined; b: string | undefined }) => void;
}

/** A metric, the share of cases that pass and the cost over the runs of a dataset; two runs lead to their comparison. */
export function TrendView({ trend, search, onChange }: TrendViewProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  const [looked, setLooked] = useState<string | null>(null);
  const { wordsOf, kindsOf } = useBreakWords(trend.dataset);
  const { runs } = trend;
  const [a, b] = inOrder(runs, search);
  const chosen = [a, b].flatMap((run) => (run ? [run.id] : []));
  const choose = (id: string) => {
    const left = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-2);
    onChange({ a: left[0], b: left[1] });
  };
  const isOneDay = new Set(runs.map(({ at }) => new Date(at).toDateString())).size === 1;
  const marksOf = useMarks({ runs, chosen, isOneDay });
  const unit = runs.find(({ point }) => point)?.point?.unit ?? "ratio";
  const newest = runs.findLast(({ point }) => point)?.point ?? undefined;
  const metric = trend.metric === null ? t("column.metric") : titleOf(trend.metric);
  const shared = { onChoose: choose, onLook: setLooked };
  return (
    <>
      <Panel
        title={metric}
        note={<Legend trend={trend} threshold={newest && thresholdOf(newest, language)} />}
        isFlush
      >
        <RunChart
          {...shared}
          label={t("trends.chart", { what: metric })}
          height={220}
          isRatio={unit === "ratio"}
          limit={newest?.threshold ?? null}
          formatTick={(value) => tickOf(value, unit, language)}
          marks={marksOf(({ point, breaks }) => ({
            value: point?.mean ?? null,
            low: point?.low ?? null,
            high: point?.high ?? null,
            written: formatScore(point?.mean, unit, language),
            band: point ? bandOfMean(point) : "no_data",
            breaks: wordsOf(breaks),
            breakWord: kindsOf(breaks),
          }))}
        />
        <RunStrip
          looked={runs.find(({ id }) => id === looked)}
          a={a}
          b={b}
          onClear={() => onChange({ a: undefined, b: undefined })}
        />
      </Panel>
      <div className={classes.pair}>
        <Panel title={t("column.passRate")} note={t("trends.passingNote")} isFlush>
          <RunChart
            {...shared}
            label={t("trends.chart", { what: t("column.passRate") })}
            height={140}
            isRatio
            formatTick={(value) => formatPercent(value, language)}
            marks={marksOf(({ passing, passing_breaks }) => ({
              value: passing?.pass_rate ?? null,
              low: passing?.pass_low ?? null,
              high: passing?.pass_high ?? null,
              written: passing ? formatPercent(passing.pass_rate, language) : "",
              band: "normal",
              breaks: wordsOf(passing_breaks),
              breakWord: "",
            }))}
          />
        </Panel>
        <Panel title={t("head.cost")} note={t("trends.costNote")} isFlush>
          {runs.some(({ cost_usd }) => cost_usd !== null) ? (
            <RunChart
              {...shared}
              label={t("trends.chart", { what: t("head.cost") })}
              height={140}
              isBars
              formatTick={(value) => formatCost(value, language)}
              marks={marksOf(({ cost_usd }) => ({
                value: cost_usd,
                low: null,
                high: null,
                written: formatCost(cost_usd, language),
                band: "normal",
                breaks: "",
                breakWord: "",
              }))}
            />
          ) : (
            <Note>{t("trends.noCost")}</Note>
          )}
        </Panel>
      </div>
      {trend.is_cut && (
        <Note>{t("trends.cut", { count: runs.length, written: formatCount(runs.length, language) })}</Note>
      )}
      <TrendTable metric={metric} runs={runs} chosen={chosen} wordsOf={wordsOf} onChoose={choose} />
    </>
  );
}

/** The two runs that are chosen, the older one first: what came after is asked about. */
function inOrder(runs: readonly TrendRun[], { a, b }: TrendsSearch) {
  return runs.filter(({ id }) => id === a || id === b);
}

interface Value extends Pick<RunMark, "value" | "low" | "high" | "band" | "breaks" | "breakWord"> {
  written: string;
}

interface MarksOptions {
  runs: readonly TrendRun[];
  chosen: readonly string[];
  isOneDay: boolean;
}

/** Makes marks of the runs from what one chart shows of each. */
function useMarks({ runs, chosen, isOneDay }: MarksOptions) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  return (read: (run: TrendRun) => Value): RunMark[] =>
    runs.map((run) => {
      const { written, ...value } = read(run);
      const isBaseline = run.baselines.length > 0;
      const said = [
        visibleLine(run.name || run.id),
        formatInstant(run.at, language),
        written,
        isBaseline && t("trends.baseline", { names: visibleLine(run.baselines.join(", ")) }),
        value.breaks && t("trends.broken", { changes: value.breaks }),
      ];
      const place = chosen.indexOf(run.id);
      return {
        ...value,
        id: run.id,
        label: said.filter(Boolean).join(", "),
        isBaseline,
        letter: place < 0 ? null : place === 0 ? "A" : "B",
        tick: formatAxisTime(run.at, language, isOneDay),
      };
    });
}

type Language = ReturnType<typeof useLanguage>;

function tickOf(value: number, unit: string, language: Language): string {
  return unit === "ratio" ? formatNumber(value, language) : formatTick(value, unit, language);
}

type Point = NonNullable<TrendRun["point"]>;

function thresholdOf({ threshold, unit, direction }: Point, language: Language): string | undefined {
  if (threshold === null) return;
  return `${direction === "higher" ? "≥" : "≤"} ${formatThreshold(threshold, unit, language)}`;
}

/** What the marks of the chart mean; only those that occur. */
function Legend({ trend: { runs }, threshold }: { trend: Trend; threshold: string | undefined }) {
  const { t } = useTranslation("evals");
  const hasBreak = runs.some(({ breaks }) => breaks.length > 0);
  const hasBaseline = runs.some(({ baselines }) => baselines.length > 0);
  return (
    <span className={classes.legend}>
      <span>{t("trends.legend.interval")}</span>
      {threshold && (
        <span className={classes.key} data-key="threshold">
          {t("trends.legend.threshold", { threshold })}
        </span>
      )}
      {hasBreak && (
        <span className={classes.key} data-key="break">
          {t("trends.legend.break")}
        </span>
      )}
      {hasBaseline && (
        <span className={classes.key} data-key="baseline">
          {t("trends.legend.baseline")}
        </span>
      )}
    </span>
  );
}
