import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { previewQuery, type RuleContent, type RulePreview } from "@/api/alert-rules";
import { catalogueQuery } from "@/api/signals";
import { SeverityMark } from "@/components/alerts/severity-mark";
import { TimeSeries } from "@/components/charts/time-series";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { ErrorState, LoadingState } from "@/components/ui/states";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount, formatDuration, formatInstant, formatValue } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import classes from "./editor.module.css";
import { kindOf, lookOf } from "./model";
import { nameOf, type Period, previewContent } from "./preview-data";

const DAYS = 14;
const DAY_MS = 86_400_000;
const REST_MS = 700;
const ROUND_MS = 300_000;

/** What the rule would have done over the last 14 days; asked again when it has not changed for a moment. */
export function PreviewPanel({ rule, isWhole }: { rule: RuleContent; isWhole: boolean }) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const { scope } = usePageState();
  const question = useRested(rule, isWhole);
  const query = useQuery(previewQuery(scope, question));
  const { data, error } = query;
  const unit = useUnit(question?.rule ?? null);
  return (
    <Panel
      title={t("preview.title")}
      note={t("preview.range", { count: DAYS })}
      actions={query.isFetching && <span className={classes.busy}>{t("preview.busy")}</span>}
    >
      {error && <ErrorState error={error} onRetry={() => void query.refetch()} />}
      {!error && !data && (isWhole ? <LoadingState height={280} /> : <Note>{t("preview.incomplete")}</Note>)}
      {!error && data && (
        <div data-stale={query.isPlaceholderData || undefined} className={classes.preview}>
          <p className={classes.fired} role="status">
            {data.fired > 0
              ? t("preview.fired", { count: data.fired, written: formatCount(data.fired, language) })
              : t("preview.never")}{" "}
            <small>
              {t("preview.looked", {
                windows: formatCount(data.windows, language),
                series: formatCount(data.series, language),
              })}
            </small>
          </p>
          <Course preview={data} unit={unit} />
          {data.periods.length > 0 && <Periods preview={data} unit={unit} />}
        </div>
      )}
    </Panel>
  );
}

function useRested(rule: RuleContent, isWhole: boolean) {
  const [rested, setRested] = useState<RuleContent | null>(isWhole ? rule : null);
  useEffect(() => {
    const timer = setTimeout(() => setRested(isWhole ? rule : null), REST_MS);
    return () => clearTimeout(timer);
  }, [rule, isWhole]);
  return useMemo(() => {
    if (!rested) return null;
    const until = Math.floor(Date.now() / ROUND_MS) * ROUND_MS;
    return {
      rule: rested,
      since: new Date(until - DAYS * DAY_MS).toISOString(),
      until: new Date(until).toISOString(),
    };
  }, [rested]);
}

/** The unit of what a rule judges: that of the first signal it names, or of a change of it. */
function useUnit(rule: RuleContent | null): string {
  const { data } = useQuery(catalogueQuery);
  if (!rule) return "";
  const kind = kindOf(rule.when);
  if (kind === "burn_rate") return "";
  if (kind === "change" && lookOf(rule.when, kind).measure !== "difference") return "ratio";
  const signal = /"signal":"([^"]*)"/.exec(JSON.stringify(rule.when))?.[1] ?? "";
  return data?.find(({ name }) => name === signal)?.unit ?? "";
}

interface PreviewPartProps {
  preview: RulePreview;
  unit: string;
}

function Course({ preview, unit }: PreviewPartProps) {
  const { t } = useTranslation("alerts");
  const content = useMemo(() => previewContent(preview, unit, t("preview.whole")), [preview, unit, t]);
  if (content.starts.length === 0) return <Note>{t("course.nothing")}</Note>;
  return (
    <>
      <TimeSeries content={content} label={t("preview.title")} height={220} syncKey="preview" />
      {preview.series > content.series.length && (
        <Note>{t("preview.notAll", { count: content.series.length })}</Note>
      )}
    </>
  );
}

const SHOWN = 50;

function Periods({ preview, unit }: PreviewPartProps) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const columns: TableColumn<Period>[] = [
    {
      ...{ name: "severity", title: t("column.severity"), isLine: true },
      cell: ({ severity }) => <SeverityMark severity={severity} withWord />,
    },
    { name: "labels", title: t("labels"), cell: ({ labels }) => nameOf(labels) || t("preview.whole") },
    {
      ...{ name: "from", title: t("preview.from"), isLine: true },
      cell: ({ from }) => formatInstant(from, language),
    },
    {
      ...{ name: "lasted", title: t("preview.lasted"), isNumber: true },
      cell: ({ from, until }) =>
        until ? formatDuration(Date.parse(until) - Date.parse(from), language) : t("preview.still"),
    },
    {
      ...{ name: "peak", title: t("facts.peak"), isNumber: true },
      cell: ({ peak }) => formatValue(peak, unit, language),
    },
  ];
  return (
    <>
      <Table
        label={t("preview.periods")}
        columns={columns}
        rows={preview.periods.slice(0, SHOWN)}
        keyOf={({ labels, from, severity }) => `${JSON.stringify(labels)} ${from} ${severity}`}
      />
      {preview.periods.length > SHOWN && (
        <Note>{t("preview.more", { count: preview.periods.length - SHOWN })}</Note>
      )}
    </>
  );
}
