import { Button, Code, Stack } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Dataset, datasetsQuery } from "@/api/datasets";
import { Age } from "@/components/ui/age";
import { CopyButton } from "@/components/ui/copy-button";
import { ForeignName } from "@/components/ui/foreign-name";
import { MoreButton } from "@/components/ui/more-button";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import { EvaluationsTabs } from "../evaluations-tabs";
import { FieldCounts, VersionLabel } from "./dataset-parts";
import { ImportDialog } from "./import-dialog";

const COMMAND = "pitwall datasets import FILE";

/** The datasets of the project, each with its newest version. */
export function DatasetsPage() {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const [isImporting, setImporting] = useState(false);
  const query = useInfiniteQuery(datasetsQuery(scope));
  const columns = useDatasetColumns();
  return (
    <Page
      title={t("title")}
      actions={
        <Button leftSection={<IconUpload size={14} aria-hidden />} onClick={() => setImporting(true)}>
          {t("import.open")}
        </Button>
      }
    >
      <EvaluationsTabs />
      <Panel isFlush>
        <QueryView query={query} height={320} skeletonRows={8}>
          {(data) => {
            const rows = data.pages.flatMap((page) => page.datasets);
            if (rows.length === 0) return <NoDatasets />;
            return (
              <Table label={t("tabs.datasets")} columns={columns} rows={rows} keyOf={({ name }) => name} />
            );
          }}
        </QueryView>
        <MoreButton query={query} />
      </Panel>
      {isImporting && <ImportDialog onClose={() => setImporting(false)} />}
    </Page>
  );
}

function useDatasetColumns(): TableColumn<Dataset>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  return [
    {
      ...{ name: "name", title: t("column.dataset"), isMain: true },
      cell: ({ name }) => (
        <Link to="/evaluations/datasets/$name" params={{ name }} search={search}>
          <ForeignName text={name} length={80} />
        </Link>
      ),
    },
    {
      ...{ name: "version", title: t("column.version"), isLine: true },
      cell: ({ latest }) => <VersionLabel version={latest} />,
    },
    {
      ...{ name: "examples", title: t("column.examples"), isNumber: true },
      cell: ({ latest }) =>
        t("dataset.examples", {
          count: latest.example_count,
          written: formatCount(latest.example_count, language),
        }),
    },
    {
      ...{ name: "fields", title: t("column.fields"), isWide: true },
      cell: ({ latest }) => <FieldCounts version={latest} />,
    },
    {
      ...{ name: "changed", title: t("column.changed"), isLine: true },
      cell: ({ latest }) => <Age at={latest.created_at} />,
    },
    {
      ...{ name: "by", title: t("column.by"), isWide: true },
      cell: ({ latest }) => <ForeignName text={latest.created_by} length={24} />,
    },
    {
      ...{ name: "runs", title: t("column.runs"), isTitleHidden: true, isNumber: true },
      cell: ({ name }) => (
        <Link to="/evaluations" search={{ ...search, dataset: name }}>
          {t("tabs.runs")}
        </Link>
      ),
    },
  ];
}

function NoDatasets() {
  const { t } = useTranslation("evals");
  return (
    <EmptyState title={t("dataset.none")}>
      <Stack gap="xs" align="center">
        <span>{t("dataset.noneText")}</span>
        <span>
          <Code>{COMMAND}</Code> <CopyButton value={COMMAND} what={t("empty.command")} />
        </span>
      </Stack>
    </EmptyState>
  );
}
