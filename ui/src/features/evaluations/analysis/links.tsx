import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { keptSearch } from "@/lib/page-state";
import { useMetricNames } from "../use-metric-names";
import classes from "./analysis.module.css";
import type { NamedCase } from "./parts";

interface CaseLinkProps {
  runId: string;
  one: Pick<NamedCase, "position" | "question" | "case">;
  /** Id of the cluster that its neighbours are taken from. */
  cluster?: string | undefined;
}

/** Opens a case over the report; its question is what it is called. */
export function CaseLink({ runId, one, cluster }: CaseLinkProps) {
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Link
      to="/evaluations/runs/$runId/analysis"
      params={{ runId }}
      search={{ ...search, case: one.position, ...(cluster ? { cluster } : {}) }}
      resetScroll={false}
      className={classes.case}
      title={one.case}
    >
      <bdi>{cutText(visibleLine(one.question ?? one.case), 160)}</bdi>
    </Link>
  );
}

/** Leads to the cases that miss the threshold of a metric, the worst of them first. */
export function FailingLink({ runId, metric }: { runId: string; metric: string }) {
  const { t } = useTranslation("evals");
  const { titleOf } = useMetricNames();
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Link
      to="/evaluations/runs/$runId"
      params={{ runId }}
      search={{ ...search, by: metric, show: "failed", order: "worst" }}
      className={classes.way}
    >
      {t("analysis.failingCases", { metric: titleOf(metric) })}
    </Link>
  );
}

/** Leads to a chapter of the report. */
export function ChapterLink({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to="." search={true} hash={to} className={classes.way}>
      {children}
    </Link>
  );
}
