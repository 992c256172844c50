import { Button, Group, Modal, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Alert } from "@/api/alerts";
import { useSilence } from "@/api/silences";
import { ErrorState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatInstant, formatLength } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { parseLength } from "@/lib/time-range";

export const SILENCE_LENGTHS = ["30m", "1h", "4h", "24h", "7d"] as const;
const REACHES = ["alert", "rule"] as const;
type Reach = (typeof REACHES)[number];

interface SilenceDialogProps {
  /** Null while it is closed. */
  alert: Pick<Alert, "rule" | "labels"> | null;
  onClose: () => void;
}

/** Tells nobody of an alert, or of all alerts of its rule, for a while. */
export function SilenceDialog({ alert, onClose }: SilenceDialogProps) {
  const { t } = useTranslation("alerts");
  return (
    <Modal
      opened={alert !== null}
      onClose={onClose}
      title={t("silence.title")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      {alert && <SilenceForm alert={alert} onDone={onClose} />}
    </Modal>
  );
}

function SilenceForm({ alert, onDone }: { alert: Pick<Alert, "rule" | "labels">; onDone: () => void }) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const { scope } = usePageState();
  const [reach, setReach] = useState<Reach>("alert");
  const [length, setLength] = useState<string>("1h");
  const [reason, setReason] = useState("");
  const silence = useSilence(scope);
  const matchers = matchersOf(alert, reach);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return;
    silence.mutate({ matchers, duration: length, reason: reason.trim() }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <SegmentedControl
          size="xs"
          aria-label={t("silence.reach")}
          data={REACHES.map((value) => ({ value, label: t(`silence.reaches.${value}`) }))}
          value={reach}
          onChange={(value) => setReach(value as Reach)}
        />
        <Text size="xs" c="dimmed" className="pw-foreign" ff="monospace">
          {matchers.map(visibleLine).join(", ")}
        </Text>
        <Select
          label={t("silence.length")}
          allowDeselect={false}
          data={SILENCE_LENGTHS.map((value) => ({ value, label: formatLength(value, language) }))}
          value={length}
          onChange={(value) => value && setLength(value)}
          description={t("silence.until", { time: formatInstant(endOf(length), language) })}
        />
        <TextInput
          label={t("silence.reason")}
          placeholder={t("silence.reasonExample")}
          required
          maxLength={400}
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {silence.isError && <ErrorState error={silence.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t("cancel")}
          </Button>
          <Button type="submit" loading={silence.isPending} disabled={!reason.trim()}>
            {t("silence.do")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function endOf(length: string): Date {
  return new Date(Date.now() + (parseLength(length) ?? 3600) * 1000);
}

/** Conditions that an alert meets, or all alerts of its rule. */
export function matchersOf({ rule, labels }: Pick<Alert, "rule" | "labels">, reach: Reach): string[] {
  const own = reach === "alert" ? Object.entries(labels) : [];
  return [["rule", rule] as const, ...own].map(([name, value]) => `${name}="${escaped(value)}"`);
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}
