import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Chart } from "@/api/boards";
import type { Answers } from "@/api/signals";
import { ShareBars } from "@/components/charts/share-bars";
import { TimeSeries } from "@/components/charts/time-series";
import { LoadingState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { formatValue } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { zoomInto, zoomOut } from "@/lib/time-range";
import { type ChartData, readChart, type Writing } from "../model/chart-data";
import classes from "./chart-body.module.css";

interface ChartBodyProps {
  chart: Chart;
  answers: Answers | undefined;
  writing: Writing;
  height: number;
  isStale: boolean;
}

/** What a chart of a board shows: lines, bars or shares, or why there is nothing. */
export function ChartBody({ chart, answers, writing, height, isStale }: ChartBodyProps) {
  const data = useMemo(() => readChart(answers, chart, writing), [answers, chart, writing]);
  return (
    <div className={classes.body} data-stale={isStale || undefined} aria-busy={isStale}>
      {data ? (
        <Content chart={chart} data={data} height={height} />
      ) : (
        <LoadingState height={height + LEGEND} />
      )}
    </div>
  );
}

const LEGEND = 22;

function Content({ chart, data, height }: { chart: Chart; data: ChartData; height: number }) {
  const { t } = useTranslation("overview");
  const title = pickText(chart.title, useLanguage());
  const isEmpty = data.parts.length === 0 && data.plots.every(({ content }) => content.series.length === 0);
  return (
    <>
      {data.failures.map(({ name, error }) => (
        <p key={name} className={classes.note}>
          {t("chart.failed", { name })} {error.detail} {error.hint}
        </p>
      ))}
      {isEmpty && data.failures.length < chart.signals.length && <Nothing height={height + LEGEND} />}
      {data.parts.length > 0 && <Shares data={data} title={title} />}
      {!isEmpty &&
        data.plots
          .filter(({ content }) => content.series.length > 0)
          .map(({ content }, _, shown) => (
            <Plotted
              key={content.unit}
              content={content}
              title={title}
              height={Math.max(96, height / shown.length)}
            />
          ))}
      {data.hiddenCount > 0 && <p className={classes.note}>{t("chart.more", { count: data.hiddenCount })}</p>}
    </>
  );
}

function Nothing({ height }: { height: number }) {
  const { t } = useTranslation("overview");
  return (
    <div className={classes.nothing} style={{ height }}>
      <span>{t("chart.nothing")}</span>
    </div>
  );
}

function Shares({ data, title }: { data: ChartData; title: string }) {
  const language = useLanguage();
  const parts = data.parts.map(({ label, share, value }) => ({
    label,
    share,
    ...(data.unit ? { amount: formatValue(value, data.unit, language) } : {}),
  }));
  return <ShareBars parts={parts} label={title} />;
}

interface PlottedProps {
  content: ChartData["plots"][number]["content"];
  title: string;
  height: number;
}

function Plotted({ content, title, height }: PlottedProps) {
  const { range, setRange } = usePageState();
  return (
    <TimeSeries
      content={content}
      label={title}
      height={height}
      onZoom={(start, end) => setRange(zoomInto(start, end))}
      onZoomOut={() => setRange(zoomOut(range, new Date()))}
    />
  );
}
