import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo, type Ref } from "react";
import { useTranslation } from "react-i18next";
import { type SpanAnswer, spanQuery, type TracePage } from "@/api/trace";
import { EmptyState, QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { ProfileTab } from "../flame/profile-tab";
import type { Node } from "../model/tree";
import { TABS, type Tab } from "../search";
import { AttributesTab } from "./attributes";
import { ConversationTab } from "./conversation";
import { DocumentsTab } from "./documents";
import { EventsTab } from "./events";
import { LogsTab } from "./logs";
import { RawTab } from "./raw";
import { ScoresTab } from "./scores";
import { SpanHead } from "./span-head";
import classes from "./span-panel.module.css";

interface SpanPanelProps {
  ref: Ref<HTMLElement>;
  traceId: string;
  spanId: string | null;
  /** The span as a row; null if its page has not come, or it is not in the trace. */
  node: Node | null;
  trace: TracePage["trace"];
  tab: Tab | undefined;
  onTab: (tab: Tab) => void;
  onSelect: (spanId: string) => void;
}

/** Everything about the chosen span. */
export const SpanPanel = memo(function SpanPanel(props: SpanPanelProps) {
  const { ref, traceId, spanId, node, trace, tab, onTab, onSelect } = props;
  const { t } = useTranslation("trace");
  const { scope } = usePageState();
  const query = useQuery({ ...spanQuery(scope, traceId, spanId ?? ""), enabled: spanId !== null });
  return (
    <section ref={ref} tabIndex={-1} className={classes.panel} aria-label={t("span.label")}>
      {spanId === null ? (
        <EmptyState title={t("span.none")} />
      ) : (
        <>
          <SpanHead
            node={node}
            span={query.data ?? null}
            onSelect={onSelect}
            onEvents={() => onTab("events")}
          />
          <QueryView query={query} height={320} skeletonRows={8}>
            {(span) => <SpanTabs span={span} trace={trace} tab={tab} onTab={onTab} onSelect={onSelect} />}
          </QueryView>
        </>
      )}
    </section>
  );
});

interface SpanTabsProps extends Pick<SpanPanelProps, "trace" | "tab" | "onTab" | "onSelect"> {
  span: SpanAnswer;
}

function SpanTabs({ span, trace, tab, onTab, onSelect }: SpanTabsProps) {
  const { t } = useTranslation("trace");
  const counts = countsOf(span);
  const shown = TABS.filter((name) => hasTab(name, span));
  const chosen = tab && shown.includes(tab) ? tab : defaultTab(span);
  return (
    <Tabs
      value={chosen}
      onChange={(value) => value && onTab(value as Tab)}
      keepMounted={false}
      className={classes.tabs}
    >
      <Tabs.List className={classes.list} aria-label={t("span.tabs")}>
        {shown.map((name) => (
          <Tabs.Tab
            key={name}
            value={name}
            rightSection={counts[name] ? <span className={classes.count}>{counts[name]}</span> : undefined}
          >
            {t(`tab.${name}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel key={span.span_id} value={chosen} className={classes.body} tabIndex={0}>
        <TabContent name={chosen} span={span} trace={trace} onSelect={onSelect} />
      </Tabs.Panel>
    </Tabs>
  );
}

interface TabContentProps extends Pick<SpanPanelProps, "trace" | "onSelect"> {
  name: Tab;
  span: SpanAnswer;
}

function TabContent({ name, span, trace, onSelect }: TabContentProps) {
  switch (name) {
    case "conversation":
      return <ConversationTab span={span} />;
    case "documents":
      return <DocumentsTab span={span} />;
    case "profile":
      return <ProfileTab span={span} />;
    case "attributes":
      return <AttributesTab span={span} />;
    case "events":
      return <EventsTab span={span} />;
    case "logs":
      return <LogsTab span={span} trace={trace} onSelect={onSelect} />;
    case "scores":
      return <ScoresTab span={span} trace={trace} onSelect={onSelect} />;
    case "raw":
      return <RawTab span={span} />;
  }
}

function countsOf(span: SpanAnswer): Partial<Record<Tab, number>> {
  return {
    documents: documentsOf(span).length,
    attributes: Object.keys(span.attributes).length,
    events: span.events.length,
    logs: span.logs.length,
    scores: span.scores.length,
  };
}

function hasTab(name: Tab, span: SpanAnswer): boolean {
  if (name === "documents") return hasDocuments(span);
  return name !== "profile" || Object.keys(span.attributes).some((key) => key.startsWith(PROFILE_KEYS));
}

/** What the SDK writes of a profile; the stacks may have been removed, the facts stay. */
const PROFILE_KEYS = "pitwall.profile.";

function documentsOf(span: SpanAnswer): unknown[] {
  return span.retrieved ?? span.documents;
}

function hasDocuments(span: SpanAnswer): boolean {
  return documentsOf(span).length > 0 || span.kind === "retriever" || span.kind === "reranker";
}

function defaultTab(span: SpanAnswer): Tab {
  if (span.kind === "retriever" || span.kind === "reranker") return "documents";
  const isSilent = span.input === null && span.output === null && !span.conversation;
  if (isSilent && span.events.some(({ name }) => name === "exception")) return "events";
  return isSilent && Object.keys(span.attributes).length > 0 ? "attributes" : "conversation";
}
