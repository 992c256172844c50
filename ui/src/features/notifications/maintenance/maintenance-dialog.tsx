import { Button, Checkbox, Group, Modal, SegmentedControl, Stack, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type MaintenanceWindow, useSaveMaintenance } from "@/api/maintenance";
import { ErrorState } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { contentOf, DAYS, draftOf, isDraftWhole, type WindowDraft } from "./model";

interface MaintenanceDialogProps {
  isOpen: boolean;
  /** Null for a new one. */
  window: MaintenanceWindow | null;
  onClose: () => void;
}

export function MaintenanceDialog(props: MaintenanceDialogProps) {
  const { t } = useTranslation("notifications");
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title={props.window ? `${t("window.edit")}: ${props.window.name}` : t("window.add")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <WindowForm {...props} />
    </Modal>
  );
}

const EXAMPLE = 'service="shop-chat"';

function WindowForm({ window, onClose }: MaintenanceDialogProps) {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const saving = useSaveMaintenance(scope);
  const [draft, setDraft] = useState(() => draftOf(window));
  const set = (change: Partial<WindowDraft>) => setDraft((known) => ({ ...known, ...change }));
  const isWhole = isDraftWhole(draft);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole) saving.mutate({ name: draft.name, content: contentOf(draft) }, { onSuccess: onClose });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {!window && (
          <TextInput
            label={t("window.name")}
            description={t("channel.nameHint")}
            required
            data-autofocus
            maxLength={64}
            value={draft.name}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
        )}
        <TextInput
          label={t("reason")}
          required
          maxLength={400}
          value={draft.reason}
          onChange={(event) => set({ reason: event.currentTarget.value })}
        />
        <SegmentedControl
          size="xs"
          aria-label={t("window.when")}
          data={(["once", "weekly"] as const).map((value) => ({ value, label: t(`window.${value}`) }))}
          value={draft.repeats}
          onChange={(value) => set({ repeats: value === "weekly" ? "weekly" : "once" })}
        />
        {draft.repeats === "once" ? (
          <Once draft={draft} onChange={set} />
        ) : (
          <Weekly draft={draft} onChange={set} />
        )}
        <Textarea
          label={t("matchers")}
          description={t("window.matchersHint")}
          placeholder={EXAMPLE}
          rows={3}
          resize="vertical"
          styles={{ input: { fontFamily: "var(--pw-mono)" } }}
          value={draft.matchers}
          onChange={(event) => set({ matchers: event.currentTarget.value })}
        />
        {saving.isError && <ErrorState error={saving.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={saving.isPending} disabled={!isWhole}>
            {t("save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface PartProps {
  draft: WindowDraft;
  onChange: (change: Partial<WindowDraft>) => void;
}

function Once({ draft, onChange }: PartProps) {
  const { t } = useTranslation("notifications");
  return (
    <Group grow preventGrowOverflow={false}>
      {(["starts", "stops"] as const).map((part) => (
        <TextInput
          key={part}
          type="datetime-local"
          label={t(`window.${part}`)}
          required
          value={draft[part]}
          onChange={(event) => onChange({ [part]: event.currentTarget.value })}
        />
      ))}
    </Group>
  );
}

function Weekly({ draft, onChange }: PartProps) {
  const { t } = useTranslation("notifications");
  return (
    <>
      <Checkbox.Group
        label={t("window.days")}
        value={[...draft.days]}
        onChange={(days) => onChange({ days: DAYS.filter((day) => days.includes(day)) })}
      >
        <Group gap="sm" mt={4}>
          {DAYS.map((day) => (
            <Checkbox key={day} size="xs" value={day} label={t(`day.${day}`)} />
          ))}
        </Group>
      </Checkbox.Group>
      <Group grow preventGrowOverflow={false}>
        {(["begins", "ends"] as const).map((part) => (
          <TextInput
            key={part}
            type="time"
            label={t(`window.${part}`)}
            required
            value={draft[part]}
            onChange={(event) => onChange({ [part]: event.currentTarget.value })}
          />
        ))}
        <TextInput
          label={t("window.timeZone")}
          value={draft.timeZone}
          onChange={(event) => onChange({ timeZone: event.currentTarget.value })}
        />
      </Group>
    </>
  );
}
