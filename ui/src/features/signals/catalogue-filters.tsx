import { Chip, Group, SegmentedControl, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Signal } from "@/api/signals";
import { BandMark } from "@/components/ui/band-mark";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { useShortcut } from "@/lib/shortcuts";
import classes from "./catalogue.module.css";
import { BAND_ORDER, ORDERS, type SignalsSearch } from "./search";
import type { Reading } from "./use-readings";

interface CatalogueFiltersProps {
  search: SignalsSearch;
  onChange: (values: { [key in keyof SignalsSearch]?: SignalsSearch[key] | undefined }) => void;
  /** What the text leaves; the bands are counted in it. */
  found: readonly Signal[];
  readings: ReadonlyMap<string, Reading> | undefined;
}

/** A text, a band and the order of the list. */
export function CatalogueFilters({ search, onChange, found, readings }: CatalogueFiltersProps) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const countOf = (band: Reading["band"]) =>
    found.filter(({ name }) => readings?.get(name)?.band === band).length;
  return (
    <div className={classes.filters}>
      <FindInput value={search.find ?? ""} onChange={(find) => onChange({ find: find || undefined })} />
      <Group gap={6} role="group" aria-label={t("filter.band")}>
        {BAND_ORDER.map((band) => (
          <Chip
            key={band}
            size="xs"
            variant="outline"
            checked={search.band === band}
            onChange={(isChosen) => onChange({ band: isChosen ? band : undefined })}
          >
            <span className={classes.chip}>
              <BandMark band={band} withWord />
              <b>{readings ? formatCount(countOf(band), language) : ""}</b>
            </span>
          </Chip>
        ))}
      </Group>
      <SegmentedControl
        size="xs"
        aria-label={t("filter.order")}
        value={search.order ?? "family"}
        data={ORDERS.map((value) => ({ value, label: t(`order.${value}`) }))}
        onChange={(order) => onChange({ order: order === "band" ? "band" : undefined })}
      />
    </div>
  );
}

const TYPING_MS = 120;

function FindInput({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation("signals");
  const [text, setText] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  useShortcut("/", t("filter.find"), t("title"), () => input.current?.focus());
  return (
    <TextInput
      ref={input}
      className={classes.find}
      type="search"
      leftSection={<IconSearch size={14} aria-hidden />}
      aria-label={t("filter.find")}
      aria-keyshortcuts="/"
      placeholder={t("filter.find")}
      value={text}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => onChange(currentTarget.value), TYPING_MS);
      }}
    />
  );
}
