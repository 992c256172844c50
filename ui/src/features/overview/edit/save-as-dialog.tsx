import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/ui/states";
import { type Draft, SLUG, slugOf } from "./model";

export interface Naming {
  name: string;
  title: Draft["title"];
}

interface SaveAsDialogProps {
  isOpen: boolean;
  onClose: () => void;
  title: Draft["title"];
  taken: readonly string[];
  isSaving: boolean;
  error: Error | null;
  onSave: (naming: Naming) => void;
}

/** Names a board that is to be new. */
export function SaveAsDialog(props: SaveAsDialogProps) {
  const { t } = useTranslation("overview");
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title={t("saveAs.title")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <SaveAsForm {...props} />
    </Modal>
  );
}

function SaveAsForm({ title, taken, isSaving, error, onSave, onClose }: SaveAsDialogProps) {
  const { t } = useTranslation("overview");
  const [en, setEn] = useState(title.en ?? "");
  const [ko, setKo] = useState(title.ko ?? "");
  const [chosen, setChosen] = useState<string | null>(null);
  const name = chosen ?? freeName(slugOf(en || ko) || "board", taken);
  const isTaken = taken.includes(name);
  const isGood = SLUG.test(name) && !isTaken && Boolean(en.trim() || ko.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isGood) onSave({ name, title: { en: en.trim() || ko.trim(), ko: ko.trim() || en.trim() } });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          data-autofocus
          label={t("form.titleEn")}
          maxLength={100}
          value={en}
          onChange={(event) => setEn(event.currentTarget.value)}
        />
        <TextInput
          label={t("form.titleKo")}
          maxLength={100}
          value={ko}
          onChange={(event) => setKo(event.currentTarget.value)}
        />
        <TextInput
          label={t("saveAs.name")}
          description={t("saveAs.nameHint")}
          value={name}
          error={nameError(name, isTaken, t)}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
        {error && <ErrorState error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button type="submit" disabled={!isGood} loading={isSaving}>
            {t("saveAs.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function nameError(
  name: string,
  isTaken: boolean,
  t: (key: "saveAs.taken" | "saveAs.badName") => string,
): string | null {
  if (isTaken) return t("saveAs.taken");
  return SLUG.test(name) ? null : t("saveAs.badName");
}

function freeName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let number = 2; ; number++) {
    const next = `${name.slice(0, 60)}_${number}`;
    if (!taken.includes(next)) return next;
  }
}
