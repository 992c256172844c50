import { Alert } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import type { LoadedTrace } from "./use-trace";

/** What is odd about the trace as a whole, in words: no root, missing parents, copies, a trace that was cut. */
export function TraceNotes({ loaded }: { loaded: LoadedTrace }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const { trace } = loaded;
  const missing = trace.missing_parent_ids.length;
  const notes = [
    trace.root_span_id === null && t("note.noRoot"),
    trace.root_span_id !== null && missing > 0 && t("note.missingParents", { count: missing }),
    trace.duplicate_count > 0 && t("note.duplicates", { count: trace.duplicate_count }),
    trace.is_cut && t("note.cut", { spans: formatCount(trace.totals.span_count, language) }),
  ].filter((note) => note !== false);
  if (notes.length === 0) return null;
  return (
    <Alert variant="light" color="gray" py={6} px={10} icon={<IconInfoCircle size={16} aria-hidden />}>
      {notes.map((note) => (
        <div key={note}>{note}</div>
      ))}
    </Alert>
  );
}
