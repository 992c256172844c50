import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { OnlineFailure, OnlineScore } from "@/api/online-rules";
import { ForeignName } from "@/components/ui/foreign-name";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatListTime } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { passes } from "../model/scores";
import { ScoreMark } from "../score-marks";
import { useMetricNames } from "../use-metric-names";
import { useReasons } from "../use-reasons";
import classes from "./online.module.css";

/** What a rule said last, each with its trace. */
export function ScoresPanel({ scores }: { scores: readonly OnlineScore[] }) {
  const { t } = useTranslation("online");
  const { titleOf } = useMetricNames();
  const columns: TableColumn<OnlineScore>[] = [
    {
      ...{ name: "metric", title: t("scores.metric"), isMain: true },
      cell: ({ metric, explanation }) => (
        <span className={classes.said}>
          {titleOf(metric)}
          {explanation && (
            <small>
              <ForeignName text={explanation} length={160} />
            </small>
          )}
        </span>
      ),
    },
    {
      ...{ name: "score", title: t("scores.score"), isNumber: true },
      cell: (score) => <Value score={score} />,
    },
    {
      ...{ name: "trace", title: t("scores.trace"), isLine: true },
      cell: (score) => <ToTrace {...score} />,
    },
  ];
  return (
    <Panel title={t("scores.title")} isFlush={scores.length > 0}>
      {scores.length === 0 ? (
        <Note>{t("scores.none")}</Note>
      ) : (
        <Table
          label={t("scores.title")}
          columns={columns}
          rows={scores}
          keyOf={({ trace_id, metric }) => `${trace_id} ${metric}`}
        />
      )}
    </Panel>
  );
}

const STATUSES = ["scored", "not_applicable", "undetermined", "error"] as const;

/** A value, or why there is none. */
function Value({ score }: { score: OnlineScore }) {
  const { t } = useTranslation("online");
  const { find } = useMetricNames();
  const { threshold = null, direction = "higher", unit = "" } = find(score.metric) ?? {};
  const status = STATUSES.find((known) => known === score.status);
  if (!status) return <span className={classes.faint}>{t("scores.leftOut")}</span>;
  return (
    <ScoreMark
      score={{
        ...{ metric: score.metric, sample: 0, status, value: score.value, reason: score.reason },
        passed: score.value === null || threshold === null ? null : passes(score.value, threshold, direction),
      }}
      unit={unit}
      withWord
    />
  );
}

/** Traces that could not be judged today, and why. */
export function FailuresPanel({ failures }: { failures: readonly OnlineFailure[] }) {
  const { t } = useTranslation("online");
  const reasonOf = useReasons();
  const { titleOf } = useMetricNames();
  const columns: TableColumn<OnlineFailure>[] = [
    {
      ...{ name: "why", title: t("failures.why"), isMain: true },
      cell: ({ metric, reason, explanation }) => (
        <span className={classes.said}>
          {[titleOf(metric), reason && reasonOf(reason)].filter(Boolean).join(" · ")}
          {explanation && (
            <small>
              <ForeignName text={explanation} length={240} />
            </small>
          )}
        </span>
      ),
    },
    {
      ...{ name: "trace", title: t("scores.trace"), isLine: true },
      cell: (failure) => <ToTrace {...failure} />,
    },
  ];
  return (
    <Panel title={t("failures.title")} isFlush>
      <Table
        label={t("failures.title")}
        columns={columns}
        rows={failures}
        keyOf={({ trace_id, metric }) => `${trace_id} ${metric}`}
      />
    </Panel>
  );
}

function ToTrace({ trace_id, at }: { trace_id: string; at: string }) {
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Link to="/traces/$traceId" params={{ traceId: trace_id }} search={search}>
      {formatListTime(at, language, new Date())}
    </Link>
  );
}
