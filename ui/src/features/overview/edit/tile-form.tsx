import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tile } from "@/api/boards";
import type { Signal } from "@/api/signals";
import { pickText, useLanguage } from "@/i18n";
import { LASTS, type Last } from "../model/times";
import { isBreakdown } from "./signal-list";

interface TileFormProps {
  tile: Tile;
  signals: readonly Signal[];
  onSave: (tile: Tile) => void;
}

/** What a tile shows: its signal, title, time and condition. */
export function TileForm({ tile, signals, onSave }: TileFormProps) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const [signal, setSignal] = useState(tile.signal);
  const [en, setEn] = useState(tile.title?.en ?? "");
  const [ko, setKo] = useState(tile.title?.ko ?? "");
  const [last, setLast] = useState<string>(tile.last ?? PAGE);
  const [where, setWhere] = useState(tile.where ?? "");
  const isTitleWhole = Boolean(en.trim()) === Boolean(ko.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isTitleWhole) return;
    onSave({
      signal,
      title: en.trim() ? { en: en.trim(), ko: ko.trim() } : null,
      last: last === PAGE ? null : (last as Last),
      where: where.trim() || null,
    });
  };
  const own = signals.find(({ name }) => name === signal)?.title;
  const options = signals
    .filter((one) => !isBreakdown(one))
    .map((one) => ({ value: one.name, label: `${pickText(one.title, language)} (${one.name})` }));
  const isKnown = options.some(({ value }) => value === signal);
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Select
          label={t("form.signal")}
          searchable
          allowDeselect={false}
          data={isKnown ? options : [{ value: signal, label: signal }, ...options]}
          value={signal}
          onChange={(value) => value && setSignal(value)}
        />
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <TextInput
            label={t("form.titleEn")}
            placeholder={own?.en ?? ""}
            maxLength={100}
            value={en}
            error={isTitleWhole || en.trim() ? null : t("form.bothTitles")}
            onChange={(event) => setEn(event.currentTarget.value)}
          />
          <TextInput
            label={t("form.titleKo")}
            placeholder={own?.ko ?? ""}
            maxLength={100}
            value={ko}
            error={isTitleWhole || ko.trim() ? null : t("form.bothTitles")}
            onChange={(event) => setKo(event.currentTarget.value)}
          />
        </Group>
        <Select
          label={t("form.last")}
          allowDeselect={false}
          data={[
            { value: PAGE, label: t("form.pageRange") },
            ...LASTS.map((value) => ({ value, label: t(`last.${value}`) })),
          ]}
          value={last}
          onChange={(value) => setLast(value ?? PAGE)}
        />
        <Condition value={where} onChange={setWhere} />
        <Group justify="flex-end">
          <Button type="submit" disabled={!isTitleWhole}>
            {t("form.apply")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const PAGE = "page";

export function Condition({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation("overview");
  return (
    <TextInput
      label={t("form.where")}
      description={t("form.whereHint")}
      placeholder={EXAMPLE}
      maxLength={1000}
      value={value}
      styles={{ input: { fontFamily: "var(--pw-mono)" } }}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

const EXAMPLE = "service = 'shop-chat' and model = 'qwen2.5:7b'";
