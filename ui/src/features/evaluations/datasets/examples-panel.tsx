import { UnstyledButton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type DatasetVersion, type Example, examplesQuery } from "@/api/datasets";
import { ForeignName } from "@/components/ui/foreign-name";
import { type LongColumn, LongTable } from "@/components/ui/long-table";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { SearchInput } from "@/components/ui/search-input";
import { ErrorState, LoadingState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import type { DatasetSearch } from "../search";
import classes from "./datasets.module.css";
import { ExampleDrawer } from "./example-drawer";

interface ExamplesPanelProps {
  name: string;
  version: DatasetVersion;
  search: DatasetSearch;
  onChange: (values: { [Key in keyof DatasetSearch]?: DatasetSearch[Key] | undefined }) => void;
}

/** The examples of a version in their order; one opens with all its texts. */
export function ExamplesPanel({ name, version, search, onChange }: ExamplesPanelProps) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const query = useInfiniteQuery(examplesQuery(scope, name, String(version.number)));
  const columns = useExampleColumns((position) => onChange({ example: position }));
  const all = query.data?.pages.flatMap((page) => page.examples) ?? [];
  const shown = all.filter((example) => holds(example, search.q));
  const place = shown.findIndex(({ position }) => position === search.example);
  const opened = shown[place];
  const pages = query.data && {
    pages: [{ rows: shown, next_cursor: null }],
    pageParams: [null],
  };
  return (
    <Panel title={t("column.examples")} isFlush>
      <div className={classes.find}>
        <SearchInput label={t("dataset.find")} value={search.q ?? ""} onChange={(q) => onChange({ q })} />
        {search.q && query.hasNextPage && <Note>{t("dataset.findLoaded")}</Note>}
      </div>
      {query.isPending && <LoadingState height={320} rows={8} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <LongTable
          label={t("column.examples")}
          columns={columns}
          query={{ ...query, data: pages }}
          keyOf={({ position }) => String(position)}
          onOpen={({ position }) => onChange({ example: position })}
          isActive={({ position }) => position === search.example}
        />
      )}
      {opened && (
        <ExampleDrawer
          example={opened}
          previous={shown[place - 1]?.position ?? null}
          next={shown[place + 1]?.position ?? null}
          onMove={(position) => onChange({ example: position })}
          onClose={() => onChange({ example: undefined })}
        />
      )}
    </Panel>
  );
}

function holds({ id, question, reference, answer }: Example, q: string | undefined): boolean {
  if (!q) return true;
  const wanted = q.toLowerCase();
  return [id, question, reference, answer?.text].some((text) => text?.toLowerCase().includes(wanted));
}

function useExampleColumns(onOpen: (position: number) => void): LongColumn<Example>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  return [
    {
      ...{ name: "position", title: t("column.position"), isNumber: true, isWide: true },
      cell: ({ position }) => formatCount(position + 1, language),
    },
    {
      ...{ name: "question", title: t("column.question") },
      cell: ({ position, question }) => (
        <UnstyledButton className={classes.open} onClick={() => onOpen(position)}>
          <ForeignName text={question} length={120} />
        </UnstyledButton>
      ),
    },
    {
      ...{ name: "answer", title: t("column.answer"), isWide: true },
      cell: ({ answer }) => <ForeignName text={answer?.text ?? answer?.error ?? ""} length={80} />,
    },
    {
      ...{ name: "reference", title: t("case.reference"), isWide: true },
      cell: ({ reference }) => <ForeignName text={reference ?? ""} length={80} />,
    },
    { name: "language", title: t("column.language"), cell: ({ language: tag }) => tag },
    {
      ...{ name: "id", title: t("column.id"), isWide: true },
      cell: ({ id }) => <ForeignName text={id} length={24} />,
    },
    {
      ...{ name: "trace", title: t("case.trace"), isTitleHidden: true, isNumber: true },
      cell: ({ trace_id, span_id }) =>
        trace_id && (
          <Link
            to="/traces/$traceId"
            params={{ traceId: trace_id }}
            search={{ ...search, ...(span_id ? { span: span_id } : {}) }}
          >
            {t("case.trace")}
          </Link>
        ),
    },
  ];
}
