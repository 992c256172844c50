import type { RunDetail } from "@/api/eval-runs";
import { usePageSearch } from "@/lib/use-page-search";
import { CaseDrawer } from "../case/case-drawer";
import { readRunSearch } from "../search";
import { CasesPanel } from "./cases-panel";
import { MetricPanel } from "./metric-panel";
import { RunActions } from "./run-actions";
import { RunFrame } from "./run-frame";
import { RunHead } from "./run-head";
import { RunNotices } from "./run-notices";
import { useCaseOrder } from "./use-case-order";

/** One run: how it stands, what its metrics say, and its cases with what explains each score. */
export function RunPage({ runId }: { runId: string }) {
  return (
    <RunFrame runId={runId} actions={(run) => <RunActions run={run} />}>
      {(run) => <RunView run={run} />}
    </RunFrame>
  );
}

function RunView({ run }: { run: RunDetail }) {
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
