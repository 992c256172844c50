import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Missed, MissedQuestion, MissedReason, MissedTrace } from "@/api/missed";
import { CountBars } from "@/components/charts/count-bars";
import { Fact, Totals } from "@/components/ui/facts";
import { LongText } from "@/components/ui/long-text";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount, formatInstant, formatListTime } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { DetailDrawer } from "../case/detail-drawer";
import { DatasetMaker } from "./dataset-maker";
import classes from "./missed.module.css";
import { ReasonMarks } from "./reason-marks";

interface MissedDrawerProps {
  found: Missed;
  question: MissedQuestion;
  reason: MissedReason | undefined;
  onMove: (id: string) => void;
  onClose: () => void;
}

/** One missed question: who asked it in which words, what came back, and the way to each trace. */
export function MissedDrawer({ found, question, reason, onMove, onClose }: MissedDrawerProps) {
  const { t } = useTranslation("missed");
  const language = useLanguage();
  const place = found.questions.findIndex(({ id }) => id === question.id);
  const { count, wordings, reasons, first_at, last_at } = question;
  return (
    <DetailDrawer
      title={t("drawer.title")}
      mark={<ReasonMarks counts={reasons} total={count} />}
      id={undefined}
      traceId={null}
      size={860}
      previous={found.questions[place - 1]?.id ?? null}
      next={found.questions[place + 1]?.id ?? null}
      words={{ previous: t("drawer.previous"), next: t("drawer.next"), id: "" }}
      onMove={onMove}
      onClose={onClose}
    >
      <div className={classes.drawer}>
        <div className={classes.asked}>
          <LongText text={question.question} shown={600} />
        </div>
        <Totals>
          <Fact name={t("course.requests")}>{formatCount(count, language)}</Fact>
          <Fact name={t("drawer.wordings")}>{formatCount(wordings, language)}</Fact>
          <Fact name={t("drawer.first")}>
            <span className={classes.moment}>{formatInstant(first_at, language)}</span>
          </Fact>
          <Fact name={t("table.last")}>
            <span className={classes.moment}>{formatInstant(last_at, language)}</span>
          </Fact>
        </Totals>
        <CountBars counts={question.course} height={36} />
        <DatasetMaker found={found} reason={reason} questions={[question.id]} />
        <Panel title={t("drawer.asked")} isFlush>
          <Asked traces={question.examples} />
        </Panel>
      </div>
    </DetailDrawer>
  );
}

function Asked({ traces }: { traces: readonly MissedTrace[] }) {
  const { t } = useTranslation("missed");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const columns: TableColumn<MissedTrace>[] = [
    {
      ...{ name: "texts", title: t("drawer.texts"), isMain: true },
      cell: ({ question, answer }) => (
        <div className={classes.texts}>
          <LongText text={question} shown={240} />
          {answer ? (
            <div className={classes.answer}>
              <span className="pw-visually-hidden">{t("drawer.answer")}</span>
              <LongText text={answer} shown={240} />
            </div>
          ) : (
            <span className={classes.none}>{t("drawer.noAnswer")}</span>
          )}
        </div>
      ),
    },
    {
      ...{ name: "reasons", title: t("table.reasons") },
      cell: ({ reasons }) => (
        <ReasonMarks counts={Object.fromEntries(reasons.map((reason) => [reason, 1]))} total={1} />
      ),
    },
    {
      ...{ name: "trace", title: t("drawer.trace"), isLine: true },
      cell: ({ trace_id, at }) => (
        <Link to="/traces/$traceId" params={{ traceId: trace_id }} search={search}>
          {formatListTime(at, language, new Date())}
        </Link>
      ),
    },
  ];
  return (
    <Table label={t("drawer.asked")} columns={columns} rows={traces} keyOf={({ trace_id }) => trace_id} />
  );
}
