import { Button, Group, Modal, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSilence } from "@/api/silences";
import { SILENCE_LENGTHS } from "@/components/alerts/silence-dialog";
import { ErrorState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatLength } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { matchersIn } from "../matchers";

interface NewSilenceDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** A silence over any conditions on labels. */
export function NewSilenceDialog({ isOpen, onClose }: NewSilenceDialogProps) {
  const { t } = useTranslation("notifications");
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t("silence.add")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <SilenceForm onDone={onClose} />
    </Modal>
  );
}

const EXAMPLE = 'service="shop-chat"\nseverity!="critical"';

function SilenceForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation("notifications");
  const language = useLanguage();
  const { scope } = usePageState();
  const [text, setText] = useState("");
  const [length, setLength] = useState<string>("1h");
  const [reason, setReason] = useState("");
  const silence = useSilence(scope);
  const matchers = matchersIn(text);
  const isWhole = matchers.length > 0 && reason.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole) silence.mutate({ matchers, duration: length, reason: reason.trim() }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Textarea
          label={t("matchers")}
          description={t("matchersHint")}
          placeholder={EXAMPLE}
          required
          data-autofocus
          rows={3}
          resize="vertical"
          styles={{ input: { fontFamily: "var(--pw-mono)" } }}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          label={t("silence.length")}
          allowDeselect={false}
          data={SILENCE_LENGTHS.map((value) => ({ value, label: formatLength(value, language) }))}
          value={length}
          onChange={(value) => value && setLength(value)}
        />
        <TextInput
          label={t("reason")}
          required
          maxLength={400}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {silence.isError && <ErrorState error={silence.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={silence.isPending} disabled={!isWhole}>
            {t("silence.do")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
