import { Button, Group, Modal, Select, Stack, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { PROBE_KINDS, type Probe, type ProbeKind, useSaveProbe } from "@/api/probes";
import { ErrorState } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { contentOf, draftOf, fieldsOf, type ProbeDraft, problemsOf } from "./probe-fields";

const NAME = /^[a-z][a-z0-9_.-]{0,63}$/;

interface ProbeFormProps {
  /** Null for a new one. */
  probe: Probe | null;
  taken: readonly string[];
  onClose: () => void;
}

/** Adds a probe, or changes one; the fields are those of its kind. */
export function ProbeForm({ probe, taken, onClose }: ProbeFormProps) {
  const { t } = useTranslation("health");
  const { scope } = usePageState();
  const saving = useSaveProbe(scope);
  const [draft, setDraft] = useState(() => draftOf(probe?.content ?? {}, kindOf(probe)));
  const [isTried, setTried] = useState(false);
  const isTaken = probe === null && taken.includes(draft.name);
  const isNamed = NAME.test(draft.name) && !isTaken;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!isNamed || problemsOf(draft).length > 0) return;
    saving.mutate(contentOf(draft, probe?.content ?? {}), { onSuccess: onClose });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={probe ? t("probe.edit", { name: probe.name }) : t("probe.add")}
      closeButtonProps={{ "aria-label": t("form.close") }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput
            label={t("column.name")}
            description={t("form.nameHint")}
            disabled={probe !== null}
            value={draft.name}
            error={isTaken ? t("form.taken") : isTried && !isNamed && t("form.badName")}
            onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
          />
          <Select
            label={t("column.kind")}
            allowDeselect={false}
            disabled={probe !== null}
            data={PROBE_KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
            value={draft.kind}
            onChange={(kind) => kind && setDraft({ ...draft, kind: kind as ProbeKind })}
          />
          <Fields draft={draft} isTried={isTried} onChange={setDraft} />
          <Switch
            size="xs"
            label={t("form.enabled")}
            checked={draft.isEnabled}
            onChange={(event) => setDraft({ ...draft, isEnabled: event.currentTarget.checked })}
          />
          {saving.isError && <ErrorState error={saving.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("form.cancel")}
            </Button>
            <Button type="submit" loading={saving.isPending}>
              {t("form.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function kindOf(probe: Probe | null): ProbeKind {
  return PROBE_KINDS.find((kind) => kind === probe?.kind) ?? "http";
}

interface FieldsProps {
  draft: ProbeDraft;
  isTried: boolean;
  onChange: (draft: ProbeDraft) => void;
}

function Fields({ draft, isTried, onChange }: FieldsProps) {
  const { t } = useTranslation("health");
  const problems = problemsOf(draft);
  return fieldsOf(draft.kind).map(({ name, type, isRequired, example }) => (
    <TextInput
      key={name}
      label={t(`field.${name}`)}
      withAsterisk={isRequired ?? false}
      required={isRequired ?? false}
      inputMode={type === "number" ? "decimal" : "text"}
      placeholder={example}
      value={draft.values[name] ?? ""}
      error={
        isTried && problems.includes(name) && (type === "text" ? t("form.missing") : t("form.badNumber"))
      }
      onChange={(event) =>
        onChange({ ...draft, values: { ...draft.values, [name]: event.currentTarget.value } })
      }
    />
  ));
}
