import { Button, Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type CheckItem, type Checklist, type CheckReport, reportQuery } from "@/api/checks";
import { Fact, Facts } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { visibleText } from "@/lib/foreign-text";
import { formatDuration, formatInstant, formatValue } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import classes from "./checks.module.css";
import { CheckMark } from "./status";

interface ReportPanelProps {
  list: Checklist;
  /** Absent for the newest. */
  reportId: string | undefined;
}

/** A report of a list with every item. */
export function ReportPanel({ list, reportId }: ReportPanelProps) {
  const { last_report } = list;
  if (reportId && reportId !== last_report?.id) return <EarlierReport list={list} id={reportId} />;
  return last_report ? <Report list={list} report={last_report} /> : <NeverRun list={list} />;
}

function EarlierReport({ list, id }: { list: Checklist; id: string }) {
  const { t } = useTranslation("checks");
  const { scope } = usePageState();
  const query = useQuery(reportQuery(scope, id));
  const search = { ...keptSearch(useSearch({ strict: false })), list: list.name };
  return (
    <>
      <div>
        <Button
          variant="subtle"
          size="compact-xs"
          renderRoot={(props) => <Link to="/checks" search={search} {...props} />}
        >
          {t("report.toNewest")}
        </Button>
      </div>
      <QueryView query={query} height={300} skeletonRows={8}>
        {(report) => <Report list={list} report={report} />}
      </QueryView>
    </>
  );
}

function NeverRun({ list }: { list: Checklist }) {
  const { t } = useTranslation("checks");
  const language = useLanguage();
  return (
    <Panel title={pickText(list.title, language)}>
      <EmptyState title={t("report.never")} action={<Code>{`pitwall checks ${list.name}`}</Code>}>
        {pickText(list.description, language)}
      </EmptyState>
    </Panel>
  );
}

function Report({ list, report }: { list: Checklist; report: CheckReport }) {
  const { t } = useTranslation("checks");
  const language = useLanguage();
  const { notified } = report;
  return (
    <Panel title={t("report.title", { title: pickText(list.title, language) })} isFlush>
      <div className={classes.facts}>
        <Facts>
          <Fact name={t("column.status")}>
            <CheckMark status={report.status} />
          </Fact>
          <Fact name={t("column.at")}>{formatInstant(report.at, language)}</Fact>
          <Fact name={t("column.by")}>
            <ForeignName text={report.by} />
          </Fact>
          {notified !== null && (
            <Fact name={t("report.told")}>{notified ? t("report.yes") : t("report.no")}</Fact>
          )}
        </Facts>
      </div>
      <ul className={classes.items}>
        {report.items.map((item) => (
          <Item key={item.name} item={item} />
        ))}
      </ul>
    </Panel>
  );
}

/** What became of one item, and what to do where something has to be done. */
function Item({ item }: { item: CheckItem }) {
  const { t } = useTranslation("checks");
  const language = useLanguage();
  return (
    <li className={classes.item} data-status={item.status}>
      <span className={classes.mark}>
        <CheckMark status={item.status} />
      </span>
      <div className={classes.text}>
        <strong>{pickText(item.title, language)}</strong>
        <span className="pw-foreign">{visibleText(pickText(item.detail, language))}</span>
        {item.todo && (
          <span className={classes.todo}>
            <b>{t("report.todo")}</b>{" "}
            <span className="pw-foreign">{visibleText(pickText(item.todo, language))}</span>
          </span>
        )}
      </div>
      <span className={classes.value}>
        {item.value !== null && <b>{formatValue(item.value, item.unit ?? "", language)}</b>}
        <span className={classes.faint}>{formatDuration(item.duration_ms, language)}</span>
      </span>
    </li>
  );
}
