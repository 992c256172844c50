import { Button, Loader } from "@mantine/core";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { useShortcut } from "@/lib/shortcuts";
import type { Mode } from "./model/tree";
import type { Tab } from "./search";
import { SpanPanel } from "./span/span-panel";
import classes from "./trace-view.module.css";
import { SpanGrid } from "./tree/span-grid";
import { Toolbar } from "./tree/toolbar";
import { useStable } from "./use-stable";
import type { LoadedTrace } from "./use-trace";
import { type TreeState, useTreeState } from "./use-tree-state";

/** The spans of a trace, and beside them the chosen one. */
export function TraceView({ traceId, loaded }: { traceId: string; loaded: LoadedTrace }) {
  const { t } = useTranslation("trace");
  const state = useTreeState(loaded);
  const findRef = useRef<HTMLInputElement>(null);
  const panelRef = useRef<HTMLElement>(null);
  const { nodes, segments, trace } = loaded;
  useTraceShortcuts(loaded, state, () => findRef.current?.focus());
  const chosen = state.selected ? loaded.byId.get(state.selected) : undefined;
  const rested = state.rested ? loaded.byId.get(state.rested) : undefined;
  const onSelect = useStable((spanId: string) => {
    const node = loaded.byId.get(spanId);
    if (node) state.reveal(node);
    else state.select(spanId);
  });
  return (
    <div className={classes.split}>
      <section className={classes.pane} aria-label={t("tree.label")}>
        <Toolbar
          nodes={nodes}
          shownCount={state.rows.length}
          matchCount={state.matchCount}
          find={state.find}
          kinds={state.question.kinds}
          onlyErrors={state.question.onlyErrors}
          errorCount={trace.totals.error_count}
          mode={state.mode}
          isZoomed={state.isZoomed}
          canZoom={chosen !== undefined}
          findRef={findRef}
          onFind={state.setFind}
          onKinds={useStable((kinds: string[]) => state.change({ kinds: kinds.length ? kinds : undefined }))}
          onOnlyErrors={useStable((isOn: boolean) => state.change({ errors: isOn || undefined }))}
          onMode={useStable((mode: Mode) => state.change({ view: mode === "timeline" ? mode : undefined }))}
          onFoldAll={useStable(state.foldAll)}
          onZoom={useStable(state.toggleZoom)}
        />
        {state.rows.length === 0 ? (
          <NoMatches onClear={() => clearFilter(state)} />
        ) : (
          <SpanGrid
            rows={state.rows}
            nodes={nodes}
            mode={state.mode}
            isFiltered={state.isFiltered}
            folded={state.folded}
            selected={state.selected}
            viewport={state.viewport}
            total={state.total}
            segments={segments}
            onSelect={state.select}
            onToggle={state.toggle}
            onOpen={() => panelRef.current?.focus()}
          />
        )}
        <LoadNote loaded={loaded} />
      </section>
      <SpanPanel
        ref={panelRef}
        traceId={traceId}
        spanId={state.rested}
        node={rested ?? null}
        trace={trace}
        tab={state.search.tab}
        onTab={useStable((tab: Tab) => state.change({ tab }))}
        onSelect={onSelect}
      />
    </div>
  );
}

function clearFilter(state: TreeState): void {
  state.setFind("");
  state.change({ find: undefined, kinds: undefined, errors: undefined });
}

function NoMatches({ onClear }: { onClear: () => void }) {
  const { t } = useTranslation("trace");
  return (
    <div style={{ padding: 24, textAlign: "center" }}>
      <p>{t("tree.noMatches")}</p>
      <Button variant="default" onClick={onClear}>
        {t("tree.clear")}
      </Button>
    </div>
  );
}

/** How many of the spans are here, while there are more. */
function LoadNote({ loaded }: { loaded: LoadedTrace }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  if (!loaded.hasMore) return null;
  return (
    <div className={classes.more} role="status">
      {loaded.isLoadingMore && <Loader size={12} aria-hidden />}
      {t("tree.loaded", {
        loaded: formatCount(loaded.nodes.length, language),
        total: formatCount(loaded.trace.totals.span_count, language),
      })}
      {!loaded.isLoadingMore && (
        <Button variant="subtle" size="compact-xs" onClick={loaded.loadMore}>
          {t("tree.loadMore")}
        </Button>
      )}
    </div>
  );
}

/** Keys of this page; none is one of those that work everywhere. */
function useTraceShortcuts(loaded: LoadedTrace, state: TreeState, focusFind: () => void): void {
  const { t } = useTranslation("trace");
  const group = t("shortcut.group");
  const place = state.rows.findIndex(({ node }) => node.span.span_id === state.selected);
  const go = (target: number) => {
    const row = state.rows[target];
    if (row) state.select(row.node.span.span_id);
  };
  useShortcut("j", t("shortcut.next"), group, () => go(place + 1));
  useShortcut("k", t("shortcut.previous"), group, () => go(Math.max(0, place - 1)));
  useShortcut("e", t("shortcut.nextError"), group, () => {
    const errors = loaded.nodes.filter(({ span }) => span.status === "error");
    const at = state.selected ? (loaded.byId.get(state.selected)?.index ?? -1) : -1;
    const next = errors.find(({ index }) => index > at) ?? errors[0];
    if (next) state.reveal(next);
  });
  useShortcut("/", t("shortcut.find"), group, focusFind);
  useShortcut("t", t("shortcut.mode"), group, () =>
    state.change({ view: state.mode === "tree" ? "timeline" : undefined }),
  );
  useShortcut("z", t("shortcut.zoom"), group, state.toggleZoom);
  useShortcut("r", t("shortcut.raw"), group, () =>
    state.change({ tab: state.search.tab === "raw" ? undefined : "raw" }),
  );
}
