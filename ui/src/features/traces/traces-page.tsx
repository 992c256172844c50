import { Drawer } from "@mantine/core";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { countRows, isTraceRow } from "@/api/trace-rows";
import { type HistogramAnswer, histogramQuery, tracesKeys } from "@/api/traces";
import { Page } from "@/components/ui/page";
import { ErrorState, LoadingState, StaleNote } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { absoluteOf, between, type TimeRange, widenRange } from "@/lib/time-range";
import { FacetPanel } from "./around/facet-panel";
import { Histogram } from "./around/histogram";
import { NoRows } from "./empty/no-rows";
import { FilterBar } from "./filters/filter-bar";
import { shownColumns } from "./list/columns";
import { ListFoot } from "./list/list-foot";
import { NewPill } from "./list/new-pill";
import { type ListHandle, TraceList } from "./list/trace-list";
import { PreviewPanel } from "./preview/preview-panel";
import { Controls } from "./toolbar/controls";
import { Toolbar } from "./toolbar/toolbar";
import classes from "./traces-page.module.css";
import { useArrivals } from "./use-arrivals";
import { type Selection, useSelection } from "./use-selection";
import { acceptedOf, type TraceRows, useTraceRows } from "./use-trace-rows";
import { type TracesState, useTracesState } from "./use-traces-state";
import { useWords, type Words } from "./use-words";

const PHONE = "(max-width: 48em)";
const WIDE = "(min-width: 75em)";
const ROOMY = "(min-width: 100em)";

/** Traces or spans that fit conditions: over time, by their values, and one by one. */
export function TracesPage() {
  const { t } = useTranslation("traces");
  const state = useTracesState();
  const words = useWords();
  const cache = useQueryClient();
  const { range, isLive } = usePageState();
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false });
  const isWide = useMediaQuery(WIDE, true, { getInitialValueInEffect: false });
  const isRoomy = useMediaQuery(ROOMY, false, { getInitialValueInEffect: false });
  const [hasFacets, setFacets] = useLocalStorage({ key: "pitwall.trace-facets-open", defaultValue: true });
  const handle = useRef<ListHandle>(null);
  const rows = useTraceRows(state.question);
  const selection = useSelection(rows.list, state, handle);
  const asked = useMemo(() => acceptedOf(state.question, rows.list), [state.question, rows.list]);
  const isReady = !rows.isOld && !rows.isPending;
  const histogram = useQuery({ ...histogramQuery(asked), enabled: isReady });
  const mayMove = () => (handle.current?.isAtRest() ?? true) && selection.activeId === null;
  useArrivals(state.question, isLive && state.sort === "newest", mayMove);

  const change = (filters: readonly string[], q: string) =>
    state.change({ filter: filters.length ? [...filters] : undefined, q: q || undefined });
  const isScored =
    rows.list?.pages[0]?.rows?.some((row) => isTraceRow(row) && row.scores.length > 0) ?? false;
  const hasScores = isRoomy && isScored;
  const isToday = isOfToday(range);
  const columns = useMemo(
    () => shownColumns(state.cols, state.level, words.columns, { hasScores, isToday }),
    [state.cols, state.level, words.columns, hasScores, isToday],
  );
  const refresh = () => void cache.invalidateQueries({ queryKey: tracesKeys.all });
  const bar = (
    <FilterBar
      filters={state.filters}
      q={state.q}
      refused={rows.isOld ? [] : (rows.list?.refused ?? [])}
      question={asked}
      words={words}
      onChange={change}
    />
  );
  const toolbar = (
    <Toolbar
      state={state}
      words={words}
      columns={columns.map(({ name }) => name)}
      histogram={histogram.data}
      hasFacets={hasFacets}
      onFacets={() => setFacets(!hasFacets)}
      onRefresh={refresh}
      isRefreshing={rows.isOld}
    />
  );
  const facets = (
    <FacetPanel
      question={asked}
      isReady={isReady}
      filters={state.filters}
      words={words}
      onFilters={state.setFilters}
    />
  );
  return (
    <Page title={t("title")} isTitleHidden>
      <div className={classes.page}>
        <Controls
          isPhone={isPhone}
          state={state}
          histogram={histogram.data}
          bar={bar}
          toolbar={toolbar}
          facets={hasFacets && facets}
        />
        <OverTime query={histogram} />
        <div className={classes.main}>
          {hasFacets && isWide && !isPhone && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
            <section className={classes.facets} aria-label={t("facets.label")} tabIndex={0}>
              {facets}
            </section>
          )}
          <div className={classes.list}>
            <Rows
              rows={rows}
              state={state}
              words={words}
              columns={columns}
              selection={selection}
              handle={handle}
              onChange={change}
            />
          </div>
          <Preview state={state} selection={selection} isPhone={isPhone} />
        </div>
      </div>
    </Page>
  );
}

/** Matches over time; what is dragged over becomes the page's range. */
function OverTime({ query }: { query: UseQueryResult<HistogramAnswer> }) {
  const { range, setRange } = usePageState();
  if (query.isError && !query.data) return <div className={classes.histogram} />;
  return (
    <div className={classes.histogram}>
      {query.data ? (
        <Histogram
          answer={query.data}
          onNarrow={(start, end) => setRange(between(start, end))}
          onWiden={() => setRange(widenRange(range, new Date()))}
        />
      ) : (
        <LoadingState height={66} />
      )}
    </div>
  );
}

function isOfToday(range: TimeRange): boolean {
  const now = new Date();
  const { since, until } = absoluteOf(range, now);
  return [since, until].every((end) => new Date(end).toDateString() === now.toDateString());
}

interface RowsProps {
  rows: TraceRows;
  state: TracesState;
  words: Words;
  columns: ReturnType<typeof shownColumns>;
  selection: Selection;
  handle: React.RefObject<ListHandle | null>;
  onChange: (filters: readonly string[], q: string) => void;
}

/** The list, or why there is none. */
function Rows({ rows, state, words, columns, selection, handle, onChange }: RowsProps) {
  const { list, error, isOld } = rows;
  if (!list && error) return <ErrorState error={error} onRetry={rows.retry} />;
  if (!list)
    return (
      <div className={classes.pending}>
        <LoadingState height={640} rows={20} />
      </div>
    );
  if (countRows(list) === 0 && !isOld)
    return (
      <NoRows
        question={acceptedOf(state.question, list)}
        filters={state.filters}
        q={state.q}
        words={words}
        onChange={onChange}
      />
    );
  return (
    <>
      {error && <StaleNote since={rows.askedAt} onRetry={rows.retry} />}
      <NewPill
        count={rows.heldCount}
        onShow={() => {
          rows.showHeld();
          handle.current?.toTop();
        }}
      />
      <TraceList
        handle={handle}
        list={list}
        level={state.level}
        columns={columns}
        words={words}
        isOld={isOld}
        activeId={selection.activeId}
        onActivate={selection.activate}
        onPick={selection.pick}
        onOpen={selection.open}
        onClose={selection.close}
        see={rows.see}
        foot={
          <ListFoot
            list={list}
            level={state.level}
            error={rows.nextError}
            onRetry={() => rows.see(countRows(list) - 1, countRows(list) - 1)}
          />
        }
      />
    </>
  );
}

interface PreviewProps {
  state: TracesState;
  selection: Selection;
  isPhone: boolean;
}

/** The chosen trace: over the right part of the list, or over all of it on a phone. */
function Preview({ state, selection, isPhone }: PreviewProps) {
  const { t } = useTranslation("traces");
  const [traceId, spanId = null] = state.preview?.split("-") ?? [];
  const close = () => state.change({ preview: undefined });
  const panel = traceId && (
    <PreviewPanel
      traceId={traceId}
      spanId={spanId}
      openedSpan={spanId ?? selection.openedSpan}
      onOpen={selection.remember}
      onClose={selection.close}
    />
  );
  if (!isPhone) return panel ? <div className={classes.preview}>{panel}</div> : null;
  return (
    <Drawer.Root opened={Boolean(traceId)} onClose={close} position="bottom" size="90%">
      <Drawer.Overlay />
      <Drawer.Content aria-label={t("preview.label")}>
        <Drawer.Body p={0} h="100%">
          {panel}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
