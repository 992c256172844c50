import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  Modal,
  NumberInput,
  Radio,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDatabasePlus } from "@tabler/icons-react";
import { Link, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type AppendedDataset, useDatasetFromTraces } from "@/api/datasets";
import type { TraceQuestion } from "@/api/traces";
import { ErrorState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";

const DEFAULT_LIMIT = 200;
const MOST = 10_000;
const UNITS = ["trace", "session"] as const;
type Unit = (typeof UNITS)[number];

/** Makes a dataset to evaluate out of the traces that the list shows. */
export function DatasetButton({ question }: { question: TraceQuestion }) {
  const { t } = useTranslation("traces");
  const [isOpen, dialog] = useDisclosure(false);
  return (
    <>
      <Tooltip label={t("dataset.open")}>
        <ActionIcon variant="default" size={26} aria-label={t("dataset.open")} onClick={dialog.open}>
          <IconDatabasePlus size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {isOpen && <DatasetDialog question={question} onClose={dialog.close} />}
    </>
  );
}

interface DatasetDialogProps {
  question: TraceQuestion;
  onClose: () => void;
}

function DatasetDialog({ question, onClose }: DatasetDialogProps) {
  const { t } = useTranslation("traces");
  const { scope } = usePageState();
  const making = useDatasetFromTraces(scope);
  const [name, setName] = useState("");
  const [by, setBy] = useState<Unit>("trace");
  const [limit, setLimit] = useState(DEFAULT_LIMIT);
  const [isDistinct, setDistinct] = useState(true);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { filters, q, since, until } = question;
    const bounds = until ? { since, until } : { since };
    making.mutate({ dataset: name.trim(), filters, q: q || undefined, bounds, by, limit, isDistinct });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("dataset.open")}
      closeButtonProps={{ "aria-label": t("preview.close") }}
    >
      {making.data ? (
        <Made made={making.data} by={by} />
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack gap="sm">
            <UnitField value={by} onChange={setBy} />
            <TextInput
              label={t("dataset.name")}
              description={t("dataset.nameHint")}
              required
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <NumberInput
              size="xs"
              label={t(`dataset.limit.${by}`)}
              min={1}
              max={MOST}
              allowDecimal={false}
              value={limit}
              onChange={(value) => setLimit(typeof value === "number" ? value : DEFAULT_LIMIT)}
            />
            <Checkbox
              size="xs"
              label={t(`dataset.distinct.${by}`)}
              checked={isDistinct}
              onChange={(event) => setDistinct(event.currentTarget.checked)}
            />
            {making.isError && <ErrorState error={making.error} />}
            <Group justify="flex-end">
              <Button type="submit" disabled={name.trim() === ""} loading={making.isPending}>
                {t("dataset.make")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

interface UnitFieldProps {
  value: Unit;
  onChange: (unit: Unit) => void;
}

/** Whether each trace becomes an example, or the conversation of each session. */
function UnitField({ value, onChange }: UnitFieldProps) {
  const { t } = useTranslation("traces");
  return (
    <Radio.Group
      size="xs"
      label={t("dataset.by")}
      value={value}
      onChange={(unit) => onChange(UNITS.find((known) => known === unit) ?? "trace")}
    >
      <Stack gap={8} mt={4}>
        {UNITS.map((unit) => (
          <Radio
            key={unit}
            size="xs"
            value={unit}
            label={t(`dataset.unit.${unit}`)}
            description={t(`dataset.text.${unit}`)}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

const REASONS = [
  ...(["no_question", "texts_gone", "gone", "known"] as const),
  ...(["same_question", "one_turn", "no_session"] as const),
];

/** How many examples came of how many traces, and why others did not. */
function Made({ made, by }: { made: AppendedDataset; by: Unit }) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const left = REASONS.filter((reason) => made.left_out[reason]);
  const name = made.dataset.name;
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {t(`dataset.done.${by}`, {
          name,
          count: made.added,
          added: formatCount(made.added, language),
          considered: formatCount(made.considered, language),
        })}
      </Text>
      {left.length > 0 && (
        <Text size="sm" component="ul" m={0} pl="md">
          {left.map((reason) => (
            <li key={reason}>
              {t(`dataset.leftOut.${reason}`)}: {formatCount(made.left_out[reason] ?? 0, language)}
            </li>
          ))}
        </Text>
      )}
      <Group justify="flex-end">
        <Button
          renderRoot={(props) => (
            <Link to="/evaluations/datasets/$name" params={{ name }} search={search} {...props} />
          )}
        >
          {t("dataset.show")}
        </Button>
      </Group>
    </Stack>
  );
}
