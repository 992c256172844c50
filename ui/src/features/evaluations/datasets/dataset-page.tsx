import { Button, Code, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type DatasetVersion, datasetFile, datasetQuery, datasetVersionsQuery } from "@/api/datasets";
import { ApiProblem } from "@/api/problem";
import { DownloadMenu } from "@/components/ui/download-menu";
import { Page } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatInstant } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { readDatasetSearch } from "../search";
import { DatasetHead } from "./dataset-head";
import { DeleteButton } from "./delete-button";
import { ExamplesPanel } from "./examples-panel";

const FORMATS = ["jsonl", "json", "csv", "xlsx", "parquet"] as const;

/** One dataset: a version of it, where it comes from, and its examples. */
export function DatasetPage({ name }: { name: string }) {
  const { scope } = usePageState();
  const { search, change } = usePageSearch(readDatasetSearch);
  const wanted = search.version === undefined ? undefined : String(search.version);
  const query = useQuery(datasetQuery(scope, name, wanted));
  const version = query.data?.version;
  const isLost = query.error instanceof ApiProblem && query.error.isNotFound && !query.data;
  return (
    <Page
      title={cutText(visibleLine(name), 80)}
      aside={
        version && (
          <VersionPicker name={name} version={version} onChange={(number) => change({ version: number })} />
        )
      }
      actions={
        version && (
          <>
            <RunsLink name={name} />
            <ExportMenu name={name} version={version} />
            <DeleteButton name={name} />
          </>
        )
      }
    >
      {isLost ? (
        <LostDataset name={name} version={search.version} onNewest={() => change({ version: undefined })} />
      ) : (
        <QueryView query={query} height={420} skeletonRows={8}>
          {(dataset) => (
            <>
              <DatasetHead version={dataset.version} />
              <ExamplesPanel
                key={dataset.version.id}
                name={name}
                version={dataset.version}
                search={search}
                onChange={change}
              />
            </>
          )}
        </QueryView>
      )}
    </Page>
  );
}

interface VersionPickerProps {
  name: string;
  version: DatasetVersion;
  onChange: (number: number | undefined) => void;
}

function VersionPicker({ name, version, onChange }: VersionPickerProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { scope } = usePageState();
  const { data } = useQuery(datasetVersionsQuery(scope, name));
  const versions = data?.versions ?? [version];
  const newest = versions[0]?.number;
  return (
    <Select
      aria-label={t("column.version")}
      w={280}
      allowDeselect={false}
      data={versions.map(({ number, label, created_at }) => ({
        value: String(number),
        label: [`@${number}`, label, formatInstant(created_at, language)].filter(Boolean).join(" · "),
      }))}
      value={String(version.number)}
      onChange={(value) => onChange(Number(value) === newest ? undefined : Number(value))}
    />
  );
}

function RunsLink({ name }: { name: string }) {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Button
      variant="default"
      renderRoot={(props) => <Link to="/evaluations" search={{ ...search, dataset: name }} {...props} />}
    >
      {t("dataset.runs")}
    </Button>
  );
}

function ExportMenu({ name, version }: { name: string; version: DatasetVersion }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const files = FORMATS.map((format) => ({
    href: datasetFile(scope, name, version.number, format),
    file: `${name}.${format}`,
    text: t(`dataset.format.${format}`),
  }));
  return <DownloadMenu label={t("export.open")} files={files} />;
}

interface LostDatasetProps {
  name: string;
  version: number | undefined;
  onNewest: () => void;
}

function LostDataset({ name, version, onNewest }: LostDatasetProps) {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  if (version !== undefined)
    return (
      <EmptyState
        title={t("dataset.lostVersion", { number: version })}
        action={<Button onClick={onNewest}>{t("dataset.newest")}</Button>}
      />
    );
  return (
    <EmptyState
      title={t("dataset.lost")}
      action={
        <Button renderRoot={(props) => <Link to="/evaluations/datasets" search={search} {...props} />}>
          {t("dataset.all")}
        </Button>
      }
    >
      <Code className="pw-foreign">{cutText(visibleLine(name), 120)}</Code>
    </EmptyState>
  );
}
