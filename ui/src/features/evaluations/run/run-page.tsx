import { Button, Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type EvalRun, evalRunQuery } from "@/api/eval-runs";
import { ApiProblem } from "@/api/problem";
import { CopyableId } from "@/components/ui/copy-button";
import { Page } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { keptSearch, usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { CaseDrawer } from "../case/case-drawer";
import { RunStateMark } from "../run-state";
import { readRunSearch } from "../search";
import { CasesPanel } from "./cases-panel";
import { MetricPanel } from "./metric-panel";
import { RunActions } from "./run-actions";
import { RunHead } from "./run-head";
import { RunNotices } from "./run-notices";
import { useCaseOrder } from "./use-case-order";

/** One run: how it stands, what its metrics say, and its cases with what explains each score. */
export function RunPage({ runId }: { runId: string }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const query = useQuery(evalRunQuery(scope, runId));
  const run = query.data;
  const isLost = query.error instanceof ApiProblem && query.error.isNotFound && !run;
  return (
    <Page
      title={run ? cutText(visibleLine(run.name || run.id), 80) : t("run.title")}
      aside={
        run && (
          <>
            <RunStateMark state={run.state} />
            <CopyableId value={run.id} what={t("run.id")} shown={12} />
          </>
        )
      }
      actions={run && <RunActions run={run} />}
    >
      {isLost ? (
        <LostRun runId={runId} />
      ) : (
        <QueryView query={query} height={480} skeletonRows={8}>
          {(data) => <RunView run={data} />}
        </QueryView>
      )}
    </Page>
  );
}

function RunView({ run }: { run: EvalRun }) {
  const { search, change } = usePageSearch(readRunSearch);
  const cases = useCaseOrder(run, search);
  return (
    <>
      <RunNotices run={run} />
      <RunHead run={run} />
      <MetricPanel
        run={run}
        chosen={search.by}
        onChoose={(name) => change({ by: name === search.by ? undefined : name })}
      />
      <CasesPanel
        run={run}
        cases={cases}
        search={search}
        onChange={change}
        onOpen={(position) => change({ case: position })}
      />
      {search.case !== undefined && (
        <CaseDrawer
          run={run}
          position={search.case}
          metric={search.metric ?? search.by}
          neighbours={cases.neighboursOf(search.case)}
          onMove={(position) => change({ case: position })}
          onMetric={(name) => change({ metric: name })}
          onClose={() => change({ case: undefined, metric: undefined })}
        />
      )}
    </>
  );
}

function LostRun({ runId }: { runId: string }) {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <EmptyState
      title={t("run.lost")}
      action={
        <Button renderRoot={(props) => <Link to="/evaluations" search={search} {...props} />}>
          {t("run.all")}
        </Button>
      }
    >
      <Code className="pw-foreign">{cutText(visibleLine(runId), 120)}</Code>
      <p>{t("run.lostText")}</p>
    </EmptyState>
  );
}
