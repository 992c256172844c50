import { Button, Code } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { evalRunQuery, type RunDetail } from "@/api/eval-runs";
import { ApiProblem } from "@/api/problem";
import { CopyableId } from "@/components/ui/copy-button";
import { Page } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { keptSearch, usePageState } from "@/lib/page-state";
import { RunStateMark } from "../run-state";
import { RunTabs } from "./run-tabs";

interface RunFrameProps {
  runId: string;
  actions: (run: RunDetail) => ReactNode;
  children: (run: RunDetail) => ReactNode;
}

/** What the pages of a run share: its name, state and id, the way from one page to the other, and that it may be lost. */
export function RunFrame({ runId, actions, children }: RunFrameProps) {
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
      actions={run && actions(run)}
    >
      {isLost ? (
        <LostRun runId={runId} />
      ) : (
        <>
          <RunTabs runId={runId} />
          <QueryView query={query} height={480} skeletonRows={8}>
            {children}
          </QueryView>
        </>
      )}
    </Page>
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
