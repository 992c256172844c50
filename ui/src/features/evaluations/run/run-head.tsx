import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { datasetVersionsQuery } from "@/api/datasets";
import type { EvalRun, RunDetail } from "@/api/eval-runs";
import { Fact, Facts, FactsHead, Totals } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatCost, formatCount, formatDuration, formatInstant, formatNumber, NO_VALUE } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import { RateMark } from "../score-marks";
import { TrackerLinks } from "./tracker-links";

/** What a run came to and what it took, then what it was asked to do. */
export function RunHead({ run }: { run: RunDetail }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { summary, progress } = run;
  return (
    <FactsHead>
      <Totals>
        <Fact name={t("column.passRate")}>
          <RateMark
            rate={summary?.pass_rate ?? null}
            low={summary?.pass_low ?? null}
            high={summary?.pass_high ?? null}
            isShort
          />
          {summary && (
            <small>
              {t("head.passed", {
                passed: formatCount(summary.passed_cases, language),
                decided: formatCount(summary.decided_cases, language),
              })}
            </small>
          )}
        </Fact>
        <Fact name={t("head.cases")}>
          {formatCount(progress.cases_done, language)}
          <small>{t("head.ofCases", { cases: formatCount(progress.cases, language) })}</small>
        </Fact>
        <Fact name={t("head.calls")}>
          {formatCount(progress.calls_made, language)}
          <Calls run={run} />
        </Fact>
        <Fact name={t("head.cost")}>
          {formatCost(progress.cost_usd, language)}
          {progress.tokens > 0 && (
            <small>{t("head.tokens", { tokens: formatNumber(progress.tokens, language) })}</small>
          )}
        </Fact>
        <Fact name={t("head.duration")}>{formatDuration(progress.seconds * 1000, language)}</Fact>
      </Totals>
      <RunFacts run={run} />
    </FactsHead>
  );
}

function Calls({ run: { progress } }: { run: EvalRun }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  return (
    <>
      {progress.calls_from_store > 0 && (
        <small>
          {t("head.fromStore", {
            count: progress.calls_from_store,
            calls: formatCount(progress.calls_from_store, language),
          })}
        </small>
      )}
      {progress.failed_calls > 0 && (
        <small>
          {t("head.failedCalls", {
            count: progress.failed_calls,
            calls: formatCount(progress.failed_calls, language),
          })}
        </small>
      )}
    </>
  );
}

function RunFacts({ run }: { run: RunDetail }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const { plan } = run;
  const version = useVersionOf(run);
  const kind = targetKind(plan.target.kind);
  const retriever = retrieverOf(plan.target.retriever);
  return (
    <Facts>
      <Fact name={t("head.dataset")}>
        <Link
          to="/evaluations/datasets/$name"
          params={{ name: run.dataset }}
          search={{ ...search, ...(version === undefined ? {} : { version }) }}
        >
          <ForeignName text={run.dataset} length={60} />
          {version !== undefined && `@${version}`}
        </Link>
        <code className="pw-mono" title={run.dataset_hash}>
          {run.dataset_hash.slice(0, 8)}
        </code>
      </Fact>
      <Fact name={t("head.target")}>{t(`target.${kind}`)}</Fact>
      {retriever && (
        <Fact name={t("head.retriever")}>
          <ForeignName text={retriever.kind} />
          <small>
            {t("head.retrieved", {
              top: formatCount(retriever.topK, language),
              passages: formatCount(retriever.passages, language),
            })}
          </small>
        </Fact>
      )}
      <Fact name={t("column.judge")}>
        {plan.judge ? <ForeignName text={plan.judge.model} /> : t("head.noJudge")}
      </Fact>
      {plan.profile && (
        <Fact name={t("head.profile")}>
          <ForeignName text={plan.profile} />
        </Fact>
      )}
      {plan.limit !== null && (
        <Fact name={t("head.sample")}>
          {t("head.sampled", {
            limit: formatCount(plan.limit, language),
            available: formatCount(plan.available, language),
          })}
        </Fact>
      )}
      {plan.repeats > 1 && <Fact name={t("head.repeats")}>{formatCount(plan.repeats, language)}</Fact>}
      <Fact name={t("head.started")}>
        {run.started_at ? formatInstant(run.started_at, language) : NO_VALUE}
      </Fact>
      {run.finished_at && <Fact name={t("head.finished")}>{formatInstant(run.finished_at, language)}</Fact>}
      <Fact name={t("column.by")}>
        <ForeignName text={run.created_by} />
      </Fact>
      <TrackerLinks links={run.trackers} />
    </Facts>
  );
}

/** The number of the version that was judged; undefined while nobody knows it, or if it is gone. */
function useVersionOf(run: EvalRun): number | undefined {
  const { scope } = usePageState();
  const { data } = useQuery(datasetVersionsQuery(scope, run.dataset));
  return data?.versions.find(({ id }) => id === run.dataset_version_id)?.number;
}

/** How a run found contexts in documents; null for one that took those that there were. */
function retrieverOf(value: unknown): { kind: string; topK: number; passages: number } | null {
  if (typeof value !== "object" || value === null) return null;
  const { kind, top_k: topK, passages } = value as Record<string, unknown>;
  return typeof kind === "string" && typeof topK === "number" && typeof passages === "number"
    ? { kind, topK, passages }
    : null;
}

const TARGETS = ["stored", "http", "python", "imported"] as const;

function targetKind(kind: unknown): (typeof TARGETS)[number] | "other" {
  return TARGETS.find((known) => known === kind) ?? "other";
}
