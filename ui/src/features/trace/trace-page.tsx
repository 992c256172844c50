import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { Page } from "@/components/ui/page";
import { ErrorState, LoadingState, StaleNote } from "@/components/ui/states";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { LostTrace } from "./lost-trace";
import { readTraceId } from "./search";
import { TraceActions, TraceHead } from "./trace-head";
import { TraceNotes } from "./trace-notes";
import { TraceView } from "./trace-view";
import classes from "./trace-view.module.css";
import { type LoadedTrace, useTrace } from "./use-trace";

/** One trace: what it was, what it cost, what it waited for, and every span of it. */
export function TracePage({ traceId: written }: { traceId: string }) {
  const { t } = useTranslation("trace");
  const traceId = readTraceId(written);
  if (traceId) return <KnownTrace traceId={traceId} />;
  return (
    <Page title={t("title")}>
      <LostTrace written={written} isMalformed />
    </Page>
  );
}

function KnownTrace({ traceId }: { traceId: string }) {
  const { t } = useTranslation("trace");
  const { query, loaded } = useTrace(traceId);
  if (loaded) {
    return (
      <Page title={nameOf(loaded) || t("title")} actions={<TraceActions traceId={traceId} />}>
        {query.isError && <StaleNote since={query.dataUpdatedAt} onRetry={() => void query.refetch()} />}
        <div className={classes.fill}>
          <TraceHead traceId={traceId} loaded={loaded} />
          <TraceNotes loaded={loaded} />
          <TraceView traceId={traceId} loaded={loaded} />
        </div>
      </Page>
    );
  }
  return (
    <Page title={t("title")} actions={<TraceActions traceId={traceId} />}>
      {!query.isError ? (
        <LoadingState height={560} rows={14} />
      ) : query.error instanceof ApiProblem && query.error.isNotFound ? (
        <LostTrace written={traceId} onRetry={() => void query.refetch()} />
      ) : (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      )}
    </Page>
  );
}

function nameOf({ trace, nodes }: LoadedTrace): string {
  const name = trace.name ?? nodes[0]?.span.name ?? "";
  return cutText(visibleLine(name), 160);
}
