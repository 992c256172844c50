import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ErrorSample } from "@/api/error-groups";
import { type DataColumn, DataTable, RowKeys } from "@/components/ui/data-table";
import { ForeignName } from "@/components/ui/foreign-name";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { useLanguage } from "@/i18n";
import { formatDuration, formatListTime } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";

interface SamplesProps {
  samples: readonly ErrorSample[];
  /** There was none in the range; those shown are older. */
  isQuiet: boolean;
}

/** The newest failures, each with the way to its span. */
export function Samples({ samples, isQuiet }: SamplesProps) {
  const { t } = useTranslation("errors");
  const columns = useColumns();
  const title = t("sample.title");
  return (
    <Panel title={title} note={isQuiet ? t("sample.older") : samples.length} isFlush>
      {samples.length === 0 ? (
        <Note>{t("sample.none")}</Note>
      ) : (
        <RowKeys next={t("shortcut.next")} previous={t("shortcut.previous")} group={t("title")}>
          <DataTable
            label={title}
            columns={columns}
            rows={samples}
            keyOf={({ span_id, trace_id }) => `${trace_id} ${span_id}`}
          />
        </RowKeys>
      )}
    </Panel>
  );
}

function useColumns(): DataColumn<ErrorSample>[] {
  const { t } = useTranslation("errors");
  const language = useLanguage();
  const foreign = (name: "model" | "version" | "environment" | "user_id"): DataColumn<ErrorSample> => ({
    ...{ name, title: t(`sample.${name}`), isWide: true },
    cell: (sample) => <ForeignName text={sample[name] ?? ""} length={32} />,
  });
  return [
    { ...{ name: "at", title: t("sample.at") }, cell: (sample) => <SampleLink sample={sample} /> },
    {
      ...{ name: "name", title: t("split.name"), isWide: true },
      cell: ({ name }) => <ForeignName text={name} length={40} />,
    },
    {
      ...{ name: "message", title: t("column.message") },
      cell: ({ message }) => <ForeignName text={message ?? ""} length={120} />,
    },
    foreign("model"),
    foreign("version"),
    foreign("environment"),
    foreign("user_id"),
    {
      ...{ name: "duration", title: t("sample.duration"), isNumber: true },
      cell: ({ duration_ms }) => formatDuration(duration_ms, language),
    },
  ];
}

function SampleLink({ sample }: { sample: ErrorSample }) {
  const language = useLanguage();
  const search = useSearch({ strict: false });
  const target = { ...keptSearch(search), span: sample.span_id };
  return (
    <Link to="/traces/$traceId" params={{ traceId: sample.trace_id }} search={target}>
      {formatListTime(sample.at, language, new Date())}
    </Link>
  );
}
