import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ErrorGroupDetail } from "@/api/error-groups";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { keptSearch } from "@/lib/page-state";

/** Where in the code it happened, as the newest sample that says so has it. */
export function Stack({ stack }: { stack: ErrorGroupDetail["stack"] }) {
  const { t } = useTranslation("errors");
  const search = useSearch({ strict: false });
  if (!stack) {
    return (
      <Panel title={t("stack.title")}>
        <Note>{t("stack.none")}</Note>
      </Panel>
    );
  }
  const target = { ...keptSearch(search), span: stack.span_id, tab: "events" as const };
  return (
    <Panel
      title={t("stack.title")}
      actions={
        <Link to="/traces/$traceId" params={{ traceId: stack.trace_id }} search={target}>
          {t("stack.trace")}
        </Link>
      }
    >
      <LongText text={stack.text} what={t("stack.title")} shown={6000} isMono />
    </Panel>
  );
}
