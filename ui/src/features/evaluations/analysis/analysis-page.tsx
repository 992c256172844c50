import { Alert } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Analysis, analysisQuery, analysisReportAddress, REPORT_FORMATS } from "@/api/eval-analysis";
import { type EvalRun, isUnderWay } from "@/api/eval-runs";
import { DownloadMenu } from "@/components/ui/download-menu";
import { ErrorState, LoadingState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { CaseDrawer } from "../case/case-drawer";
import { RunFrame } from "../run/run-frame";
import { RunProgress } from "../run-state";
import { type AnalysisSearch, readAnalysisSearch } from "../search";
import classes from "./analysis.module.css";
import { ClustersPart } from "./clusters-part";
import { FindingsPanel } from "./findings-panel";
import { MethodPart } from "./method-part";
import { MetricsPart } from "./metrics-part";
import { type Parts, partsOf } from "./parts";
import { PriorityPart } from "./priority-part";
import { QuestionTypesPart } from "./question-types-part";
import { RetrievalPart } from "./retrieval-part";
import { SlicesPart } from "./slices-part";
import { TrendPart } from "./trend-part";
import { TurnsPart } from "./turns-part";
import { AssociationsPart, KeywordsPart } from "./words-part";

/** Where a run is weak: what to look at first, then what that was found in. */
export function AnalysisPage({ runId }: { runId: string }) {
  return (
    <RunFrame runId={runId} actions={(run) => !isUnderWay(run) && <ReportMenu run={run} />}>
      {(run) => (isUnderWay(run) ? <NotOver run={run} /> : <AnalysedRun run={run} />)}
    </RunFrame>
  );
}

function AnalysedRun({ run }: { run: EvalRun }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const query = useQuery(analysisQuery(scope, run));
  if (query.data) return <Report run={run} analysis={query.data} />;
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <p className={classes.making}>{t("analysis.making")}</p>
      <LoadingState height={480} rows={8} />
    </>
  );
}

function Report({ run, analysis }: { run: EvalRun; analysis: Analysis }) {
  const { search, change } = usePageSearch(readAnalysisSearch);
  const parts = partsOf(analysis);
  return (
    <>
      <FindingsPanel runId={run.id} parts={parts} />
      <PriorityPart runId={run.id} priority={parts.priority} statistics={parts.statistics} />
      <MetricsPart parts={parts} />
      <SlicesPart slices={parts.slices} />
      <ClustersPart runId={run.id} clusters={parts.failure_clusters} />
      {(parts.retrieval || parts.keywords) && (
        <div className={classes.columns}>
          <RetrievalPart retrieval={parts.retrieval} />
          <KeywordsPart keywords={parts.keywords} />
        </div>
      )}
      <QuestionTypesPart types={parts.question_types?.types} />
      <AssociationsPart associations={parts.associations} />
      <TrendPart run={run} trend={parts.trend} />
      <TurnsPart turns={parts.multiturn} />
      <MethodPart analysis={analysis} />
      {search.case !== undefined && (
        <CaseDrawer
          run={run}
          position={search.case}
          metric={search.metric ?? firstFailed(parts, search.case)}
          neighbours={neighboursOf(parts, search, search.case)}
          onMove={(position) => change({ case: position })}
          onMetric={(name) => change({ metric: name })}
          onClose={() => change({ case: undefined, metric: undefined, cluster: undefined })}
        />
      )}
    </>
  );
}

function firstFailed({ priority }: Parts, position: number): string | undefined {
  return priority?.cases.find((one) => one.position === position)?.failed[0];
}

/** The cases beside one: those of its cluster, or those to look at first. */
function neighboursOf(parts: Parts, { cluster }: AnalysisSearch, position: number) {
  const found = parts.failure_clusters?.clusters.find(({ id }) => id === cluster);
  const order = found ? found.positions : (parts.priority?.cases.map((one) => one.position) ?? []);
  const place = order.indexOf(position);
  return { previous: order[place - 1] ?? null, next: order[place + 1] ?? null };
}

function NotOver({ run }: { run: EvalRun }) {
  const { t } = useTranslation("evals");
  return (
    <Alert
      variant="light"
      color="gray"
      icon={<IconInfoCircle aria-hidden />}
      title={t(`notice.${run.state === "queued" ? "queued" : "running"}`)}
    >
      <p className={classes.making}>{t("analysis.notOver")}</p>
      <RunProgress run={run} />
    </Alert>
  );
}

function ReportMenu({ run }: { run: EvalRun }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { scope } = usePageState();
  const files = REPORT_FORMATS.map((format) => ({
    href: analysisReportAddress(scope, run.id, format, language),
    file: `analysis_${run.id}.${format}`,
    text: t(`export.${format}`),
  }));
  return <DownloadMenu label={t("export.open")} files={files} />;
}
