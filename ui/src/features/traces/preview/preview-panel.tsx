import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconArrowRight, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, useId } from "react";
import { useTranslation } from "react-i18next";
import { previewQuery, type TracePreview } from "@/api/traces";
import { CopyableId } from "@/components/ui/copy-button";
import { QueryView } from "@/components/ui/states";
import { visibleLine } from "@/lib/foreign-text";
import { keptSearch, usePageState } from "@/lib/page-state";
import { StatusMark } from "../list/status-mark";
import classes from "./preview.module.css";
import { PreviewSummary } from "./preview-summary";
import { PreviewTexts } from "./preview-texts";
import { PreviewTree } from "./preview-tree";

interface PreviewPanelProps {
  traceId: string;
  /** The span that was chosen, where the rows are spans. */
  spanId: string | null;
  /** The span that is chosen on the trace's page; null for its root. */
  openedSpan: string | null;
  onOpen: () => void;
  onClose: () => void;
}

/** A trace beside the list: what it was, its tree, and what went in and out. */
export function PreviewPanel({ traceId, spanId, openedSpan, onOpen, onClose }: PreviewPanelProps) {
  const { t } = useTranslation("traces");
  const { scope } = usePageState();
  const search = useSearch({ strict: false });
  const id = useId();
  const query = useQuery(previewQuery(scope, traceId));
  const target = { ...keptSearch(search), ...(openedSpan ? { span: openedSpan } : {}) };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    onClose();
  };
  return (
    <aside className={classes.panel} aria-labelledby={id} onKeyDown={onKeyDown}>
      <header className={classes.header}>
        <h2 id={id} className={classes.title}>
          <Title trace={query.data} />
        </h2>
        <Button
          component={Link}
          to="/traces/$traceId"
          params={{ traceId } as never}
          search={target as never}
          size="compact-sm"
          variant="light"
          rightSection={<IconArrowRight size={14} aria-hidden />}
          onClick={onOpen}
        >
          {t("preview.open")}
        </Button>
        <Tooltip label={t("preview.close")}>
          <ActionIcon aria-label={t("preview.close")} onClick={onClose}>
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <div className={classes.body} tabIndex={0} role="region" aria-label={t("preview.label")}>
        <CopyableId value={traceId} what={t("preview.traceId")} shown={32} />
        <QueryView query={query} height={420} skeletonRows={12}>
          {(trace) => (
            <>
              <PreviewSummary trace={trace} />
              <PreviewTexts trace={trace} spanId={spanId} />
              <PreviewTree trace={trace} chosen={spanId} />
            </>
          )}
        </QueryView>
      </div>
    </aside>
  );
}

function Title({ trace }: { trace: TracePreview | undefined }) {
  const { t } = useTranslation("traces");
  if (!trace) return t("preview.label");
  const root = trace.spans.find(({ span_id }) => span_id === trace.root_span_id);
  return (
    <>
      <StatusMark
        status={root?.status ?? "unset"}
        errorClass={root?.error_class ?? null}
        errorCount={trace.totals.error_count}
      />
      <bdi>{visibleLine(trace.name ?? trace.spans[0]?.name ?? t("list.missingRoot"))}</bdi>
    </>
  );
}
