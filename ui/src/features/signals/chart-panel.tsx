import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconZoomOut } from "@tabler/icons-react";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Change } from "@/api/changes";
import { ApiProblem } from "@/api/problem";
import type { SeriesAnswer } from "@/api/signals";
import { TimeSeries } from "@/components/charts/time-series";
import { Panel } from "@/components/ui/panel";
import { EmptyState, ErrorState, LoadingState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { usePageState } from "@/lib/page-state";
import { zoomOut as stepOut, zoomInto } from "@/lib/time-range";
import { ChartLegend } from "./chart-legend";
import { Distribution } from "./distribution";
import { ExportButtons } from "./export-buttons";
import { isBreakdown } from "./families";
import { contentOf, isAdditive } from "./series";
import type { Explorer } from "./use-explorer";
import { useChangeMarks, useSeriesNames } from "./use-names";
import { ValuesTable } from "./values-table";

interface ChartPanelProps {
  explorer: Explorer;
  changes: readonly Change[];
}

/** The course of the signal as lines, bars or a table; a distribution as horizontal bars. */
export function ChartPanel({ explorer, changes }: ChartPanelProps) {
  const { t } = useTranslation("signals");
  const { range, setRange } = usePageState();
  const { windows, view, signal } = explorer;
  const areParts = view === "bars" && isBreakdown(signal);
  const zoomOut = () => setRange(stepOut(range, new Date()));
  return (
    <Panel
      title={areParts ? t("chart.parts") : t(`chart.${view}`)}
      note={windows && !areParts && t("chart.step", { step: stepName(windows.step_seconds) })}
      actions={
        <>
          {windows && <ExportButtons answer={windows} />}
          <Tooltip label={t("chart.zoomOut")}>
            <ActionIcon size="sm" aria-label={t("chart.zoomOut")} onClick={zoomOut}>
              <IconZoomOut size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </>
      }
      isFlush={view === "table"}
    >
      <Content explorer={explorer} changes={changes} onZoomOut={zoomOut} />
    </Panel>
  );
}

const HEIGHT = 320;

function Content({ explorer, changes, onZoomOut }: ChartPanelProps & { onZoomOut: () => void }) {
  const { signal, view, windows, windowsBefore, refusal, isLoading } = explorer;
  if (refusal) return <Refusal explorer={explorer} />;
  if (isLoading || !windows) return <LoadingState height={HEIGHT + 24} />;
  if (view === "table") return <ValuesTable explorer={explorer} answer={windows} />;
  if (isEmpty(windows) && (!windowsBefore || isEmpty(windowsBefore))) return <NoSeries />;
  if (view === "bars" && isBreakdown(signal)) return <Distribution explorer={explorer} />;
  return <Course explorer={explorer} changes={changes} onZoomOut={onZoomOut} />;
}

/** An axis without a line says less than a sentence. */
function isEmpty({ series }: SeriesAnswer): boolean {
  return series.every(({ values }) => values.every((value) => value === null));
}

function NoSeries() {
  const { t } = useTranslation("signals");
  return <EmptyState title={t("chart.nothing")}>{t("chart.nothingText")}</EmptyState>;
}

/** What the server says of a question that it cannot answer; of a condition it stands at its input too. */
function Refusal({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const { refusal, search, change } = explorer;
  if (!refusal) return null;
  const { code, detail, hint } = refusal;
  return (
    <ErrorState
      error={new ApiProblem(422, code, detail, search.where ? t("chart.checkWhere") : hint)}
      action={
        <>
          {search.where && (
            <Button variant="default" onClick={() => change({ where: undefined })}>
              {t("controls.whereClear")}
            </Button>
          )}
          {search.step && (
            <Button variant="default" onClick={() => change({ step: undefined })}>
              {t("chart.autoStep")}
            </Button>
          )}
        </>
      }
    />
  );
}

/** A click may be the first of a double click, which steps out of a zoom instead. */
const DOUBLE_CLICK_MS = 240;

function Course({ explorer, changes, onZoomOut }: ChartPanelProps & { onZoomOut: () => void }) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const { setRange } = usePageState();
  const { signal, windows, windowsBefore, totals, drawn, view, search, change } = explorer;
  const nameOf = useSeriesNames(signal);
  const marks = useChangeMarks(changes);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(waiting.current), []);
  const content = useMemo(
    () =>
      windows &&
      contentOf({
        signal,
        answer: windows,
        before: windowsBefore,
        totals,
        drawn,
        nameOf,
        beforeOf: (name) => t("chart.before", { name }),
        kind: kindOf(view === "bars", isAdditive(signal) && drawn.length > 1),
        marks,
        picked: search.at ? Date.parse(search.at) : undefined,
      }),
    [signal, windows, windowsBefore, totals, drawn, nameOf, t, view, marks, search.at],
  );
  if (!windows || !content) return null;
  const pick = (index: number, place: number | null) => {
    clearTimeout(waiting.current);
    const line = place === null ? undefined : content.series[place];
    const of = line && totals.length > 1 ? totals[line.color]?.key : undefined;
    waiting.current = setTimeout(() => change({ at: windows.starts[index], of }), DOUBLE_CLICK_MS);
  };
  return (
    <TimeSeries
      content={content}
      label={pickText(signal.title, language)}
      height={HEIGHT}
      onZoom={(start, end) => setRange(zoomInto(start, end))}
      onZoomOut={() => {
        clearTimeout(waiting.current);
        onZoomOut();
      }}
      onPick={pick}
      renderLegend={(index) => <ChartLegend explorer={explorer} content={content} index={index} />}
    />
  );
}

function kindOf(areBars: boolean, isStacked: boolean) {
  if (!areBars) return "lines";
  return isStacked ? "stacked-bars" : "bars";
}

/** A length as it is written in questions. */
function stepName(seconds: number): string {
  const units = [
    [86_400, "d"],
    [3600, "h"],
    [60, "m"],
  ] as const;
  const [size, unit] = units.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, "s"];
  return `${seconds / size}${unit}`;
}
