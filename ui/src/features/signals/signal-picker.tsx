import { Select } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Signal } from "@/api/signals";
import { pickText, useLanguage } from "@/i18n";
import classes from "./explorer.module.css";
import { familiesOf, familyOf, isKnownFamily } from "./families";
import { changed } from "./search";

interface SignalPickerProps {
  signal: Signal;
  signals: readonly Signal[];
}

/** Goes to another signal; the split, the comparison and the range stay. */
export function SignalPicker({ signal, signals }: SignalPickerProps) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const navigate = useNavigate();
  const groups = useMemo(
    () =>
      familiesOf(signals).map((family) => ({
        group: isKnownFamily(family) ? t(`family.${family}`) : family,
        items: signals
          .filter((known) => familyOf(known) === family)
          .map(({ name, title }) => ({ value: name, label: pickText(title, language) })),
      })),
    [signals, language, t],
  );
  const pick = (name: string | null) => {
    if (!name || name === signal.name) return;
    void navigate({
      to: "/signals/$name",
      params: { name },
      // Windows, series and the way to look at them were chosen for the one before.
      search: (old: object) =>
        changed(old, { at: undefined, of: undefined, series: undefined, view: undefined }),
    });
  };
  return (
    <Select
      className={classes.picker}
      aria-label={t("picker.label")}
      data={groups}
      value={signal.name}
      onChange={pick}
      searchable
      onFocus={({ currentTarget }) => currentTarget.select()}
      allowDeselect={false}
      maxDropdownHeight={420}
      comboboxProps={{ width: 380, position: "bottom-end", transitionProps: { duration: 100 } }}
      nothingFoundMessage={t("picker.nothing")}
      filter={({ options, search }) => matching(options as Group[], search)}
      renderOption={({ option }) => (
        <span className={classes.option}>
          <span>{option.label}</span>
          <code>{option.value}</code>
        </span>
      )}
    />
  );
}

interface Group {
  group: string;
  items: { value: string; label: string }[];
}

function matching(groups: Group[], text: string): Group[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return groups
    .map((group) => ({
      ...group,
      items: group.items.filter(({ value, label }) =>
        words.every((word) => `${value} ${label}`.toLowerCase().includes(word)),
      ),
    }))
    .filter(({ items }) => items.length > 0);
}
