import { Button, Group, Input, MultiSelect, SegmentedControl, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chart } from "@/api/boards";
import type { Signal } from "@/api/signals";
import { pickText, useLanguage } from "@/i18n";
import { Condition } from "./tile-form";

interface ChartFormProps {
  chart: Chart;
  signals: readonly Signal[];
  onSave: (chart: Chart) => void;
}

const KINDS = ["lines", "bars", "share"] as const;
const SIZES = ["half", "full"] as const;
const MAX_SIGNALS = 8;
const MAX_LABELS = 3;

/** What a chart shows: its signals, what splits them, and how they are drawn. */
export function ChartForm({ chart, signals, onSave }: ChartFormProps) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const [draft, setDraft] = useState(chart);
  const set = (change: Partial<Chart>) => setDraft((known) => ({ ...known, ...change }));
  const title = { en: draft.title.en?.trim() ?? "", ko: draft.title.ko?.trim() ?? "" };
  const isWhole = draft.signals.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole)
      onSave({ ...draft, title: written(title, draft, signals), where: draft.where?.trim() || null });
  };
  const labels = commonLabels(draft.signals, signals);
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <MultiSelect
          label={t("form.signals")}
          size="xs"
          searchable
          maxValues={MAX_SIGNALS}
          data={optionsOf(draft.signals, signals, language)}
          value={draft.signals}
          onChange={(value) => set({ signals: value })}
        />
        <Input.Wrapper label={t("form.kind")} labelElement="div" size="xs">
          <div>
            <SegmentedControl
              size="xs"
              aria-label={t("form.kind")}
              data={KINDS.map((value) => ({ value, label: t(`form.kinds.${value}`) }))}
              value={draft.kind}
              onChange={(value) => set({ kind: value as Chart["kind"] })}
            />
          </div>
        </Input.Wrapper>
        <MultiSelect
          label={t("form.by")}
          size="xs"
          searchable
          maxValues={MAX_LABELS}
          description={labels.length === 0 && isWhole ? t("form.noLabels") : undefined}
          data={[...new Set([...labels, ...draft.by])]}
          value={draft.by}
          onChange={(by) => set({ by })}
        />
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <TextInput
            label={t("form.titleEn")}
            maxLength={100}
            value={draft.title.en ?? ""}
            onChange={(event) => set({ title: { ...draft.title, en: event.currentTarget.value } })}
          />
          <TextInput
            label={t("form.titleKo")}
            maxLength={100}
            value={draft.title.ko ?? ""}
            onChange={(event) => set({ title: { ...draft.title, ko: event.currentTarget.value } })}
          />
        </Group>
        <Condition value={draft.where ?? ""} onChange={(where) => set({ where })} />
        <Input.Wrapper label={t("form.size")} labelElement="div" size="xs">
          <div>
            <SegmentedControl
              size="xs"
              aria-label={t("form.size")}
              data={SIZES.map((value) => ({ value, label: t(`form.sizes.${value}`) }))}
              value={draft.size}
              onChange={(value) => set({ size: value as Chart["size"] })}
            />
          </div>
        </Input.Wrapper>
        <Group justify="flex-end">
          <Button type="submit" disabled={!isWhole}>
            {t("form.apply")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A title that is missing in a language is that of the first signal. */
function written(
  title: { en: string; ko: string },
  chart: Chart,
  signals: readonly Signal[],
): Chart["title"] {
  const name = chart.signals[0] ?? "";
  const own = signals.find((signal) => signal.name === name)?.title;
  return { en: title.en || title.ko || own?.en || name, ko: title.ko || title.en || own?.ko || name };
}

function optionsOf(chosen: readonly string[], signals: readonly Signal[], language: "en" | "ko") {
  const options = signals.map(({ name, title }) => ({
    value: name,
    label: `${pickText(title, language)} (${name})`,
  }));
  const unknown = chosen.filter((name) => !signals.some((signal) => signal.name === name));
  return [...unknown.map((name) => ({ value: name, label: name })), ...options];
}

/** Labels that split every one of the signals. */
function commonLabels(chosen: readonly string[], signals: readonly Signal[]): string[] {
  const known = signals.filter(({ name }) => chosen.includes(name));
  const [first, ...others] = known;
  return first ? first.by.filter((label) => others.every(({ by }) => by.includes(label))) : [];
}
