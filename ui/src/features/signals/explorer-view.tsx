import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { changesQuery } from "@/api/changes";
import type { Signal } from "@/api/signals";
import { ErrorState, StaleNote } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { boundsOf, isInFuture } from "@/lib/time-range";
import { ChartPanel } from "./chart-panel";
import { Controls } from "./controls";
import { DefinitionPanel } from "./definition-panel";
import { ExemplarsPanel } from "./exemplars-panel";
import classes from "./explorer.module.css";
import { FutureNote } from "./future-note";
import { NoDataPanel } from "./no-data-panel";
import { SqlPanel } from "./sql-panel";
import { Summary } from "./summary";
import { useExplorer } from "./use-explorer";

interface ExplorerViewProps {
  signal: Signal;
  signals: readonly Signal[];
}

export function ExplorerView({ signal, signals }: ExplorerViewProps) {
  const { t } = useTranslation("signals");
  const explorer = useExplorer(signal);
  const { scope, range } = usePageState();
  const changes = useQuery(changesQuery(scope, boundsOf(range)));
  const { overall, error, retry, updatedAt, isLoading } = explorer;
  const hasNoData = overall?.series.every(({ bands }) => bands.every((band) => band === "no_data")) ?? false;
  const isFuture = isInFuture(range, new Date());
  if (error && !overall) return <ErrorState error={error} onRetry={retry} />;
  return (
    <div className={classes.layout}>
      <div className={classes.main} aria-busy={isLoading || explorer.isStale}>
        {error && <StaleNote since={updatedAt} onRetry={retry} />}
        <Controls explorer={explorer} />
        {isFuture && <FutureNote />}
        <ChartPanel explorer={explorer} changes={changes.data ?? []} />
        {hasNoData && !isFuture && <NoDataPanel explorer={explorer} />}
        {!explorer.refusal && <ExemplarsPanel explorer={explorer} signals={signals} />}
      </div>
      <aside className={classes.rail} aria-label={t("about")}>
        <Summary explorer={explorer} />
        <DefinitionPanel signal={signal} signals={signals} />
        <SqlPanel explorer={explorer} />
      </aside>
    </div>
  );
}
