import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Probe } from "@/api/probes";
import { type DataColumn, DataTable } from "@/components/ui/data-table";
import { Fact, Facts } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatDuration, formatInstant } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import classes from "./health.module.css";
import { ProbeMark } from "./status";

const SHOWN = 20;

/** One probe: why it is as it is, what was seen on the way, and its latest results. */
export function ProbeDetail({ probe }: { probe: Probe }) {
  const { t } = useTranslation("health");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Panel
      title={<ForeignName text={probe.name} />}
      actions={
        <Link to="/health" search={search} resetScroll={false} activeProps={{}}>
          {t("detail.close")}
        </Link>
      }
      isFlush
    >
      <div className={classes.padded}>
        <Facts>
          <Fact name={t("column.status")}>
            <ProbeMark status={probe.status} />
          </Fact>
          {probe.since && <Fact name={t("detail.since")}>{formatInstant(probe.since, language)}</Fact>}
          <Fact name={t("column.target")}>
            <ForeignName text={probe.target} length={120} />
          </Fact>
          <Fact name={t("detail.every")}>{formatDuration(probe.every_seconds * 1000, language)}</Fact>
          {probe.service && (
            <Fact name={t("field.service")}>
              <ForeignName text={probe.service} />
            </Fact>
          )}
          <Fact name={t("detail.origin")}>
            {probe.origin === "team" ? t("detail.team") : <ForeignName text={probe.origin} />}
          </Fact>
        </Facts>
        {probe.last?.error && (
          <p className={`${classes.error} pw-foreign`}>{visibleLine(pickText(probe.last.error, language))}</p>
        )}
        {probe.last ? <Seen detail={probe.last.detail} /> : <Note>{t("neverRun")}</Note>}
      </div>
      {probe.history.length > 0 && <Results history={probe.history} />}
    </Panel>
  );
}

/** Facts that were seen on the way; each kind of probe has its own. */
function Seen({ detail }: { detail: Record<string, unknown> }) {
  const entries = Object.entries(detail);
  if (entries.length === 0) return null;
  return (
    <table className={classes.seen}>
      <tbody>
        {entries.map(([name, value]) => (
          <tr key={name}>
            <th scope="row" className="pw-mono">
              {visibleLine(name)}
            </th>
            <td>
              <LongText text={typeof value === "string" ? value : JSON.stringify(value)} shown={300} isMono />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Results({ history }: { history: Probe["history"] }) {
  const { t } = useTranslation("health");
  const language = useLanguage();
  const columns: DataColumn<Probe["history"][number]>[] = [
    { ...{ name: "at", title: t("detail.at") }, cell: ({ at }) => formatInstant(at, language) },
    {
      ...{ name: "status", title: t("column.status") },
      cell: ({ status }) => <ProbeMark status={status} />,
    },
    {
      ...{ name: "latency", title: t("column.latency"), isNumber: true },
      cell: ({ latency_ms }) => formatDuration(latency_ms, language),
    },
  ];
  return (
    <DataTable
      label={t("detail.results")}
      columns={columns}
      rows={history.slice(0, SHOWN)}
      keyOf={({ at }) => at}
    />
  );
}
