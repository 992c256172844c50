import { Button, Checkbox, FileInput, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { Link, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ImportedDataset, useImportDataset } from "@/api/datasets";
import { ErrorState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCount } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";

const ACCEPTED = ".json,.jsonl,.ndjson,.csv,.tsv,.xlsx,.parquet,.gz";

/** Makes a dataset out of a file, or a new version of one. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const importing = useImportDataset(scope);
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState("");
  const [skips, setSkips] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) importing.mutate({ file, name: name.trim() || undefined, skipsInvalid: skips });
  };
  return (
    <Modal opened onClose={onClose} title={t("import.title")} closeButtonProps={{ "aria-label": t("close") }}>
      {importing.data ? (
        <Imported imported={importing.data} onClose={onClose} />
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack gap="sm">
            <FileInput
              size="xs"
              label={t("import.file")}
              description={t("import.fileHint")}
              placeholder={t("import.choose")}
              leftSection={<IconUpload size={14} aria-hidden />}
              accept={ACCEPTED}
              clearable
              clearButtonProps={{ "aria-label": t("import.clear") }}
              value={file}
              onChange={setFile}
            />
            <TextInput
              label={t("newRun.name")}
              description={t("import.nameHint")}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Checkbox
              size="xs"
              label={t("import.skip")}
              checked={skips}
              onChange={(event) => setSkips(event.currentTarget.checked)}
            />
            {importing.isError && <ErrorState error={importing.error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t("cancelWord")}
              </Button>
              <Button type="submit" disabled={!file} loading={importing.isPending}>
                {t("import.open")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

/** What became of the file: how many examples, and what was left out and why. */
function Imported({ imported, onClose }: { imported: ImportedDataset; onClose: () => void }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const { dataset, version, is_new, skipped, skipped_count } = imported;
  const count = formatCount(version.example_count, language);
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {is_new
          ? t("import.done", {
              name: dataset.name,
              number: version.number,
              count: version.example_count,
              written: count,
            })
          : t("import.known", { name: dataset.name, number: version.number })}
      </Text>
      {skipped_count > 0 && (
        <>
          <Text size="sm">
            {t("import.skipped", { count: skipped_count, written: formatCount(skipped_count, language) })}
          </Text>
          <Text size="xs" component="ul" m={0} pl="md" mah={200} style={{ overflow: "auto" }}>
            {skipped.map((problem) => (
              <li key={`${problem.example} ${problem.row} ${problem.line} ${problem.field}`}>
                {cutText(visibleLine(pickText(problem.text, language)), 300)}
              </li>
            ))}
          </Text>
        </>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t("close")}
        </Button>
        <Button
          renderRoot={(props) => (
            <Link
              to="/evaluations/datasets/$name"
              params={{ name: dataset.name }}
              search={search}
              {...props}
            />
          )}
        >
          {t("import.show")}
        </Button>
      </Group>
    </Stack>
  );
}
