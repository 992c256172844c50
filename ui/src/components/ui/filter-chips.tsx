import { UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import classes from "./filter-chips.module.css";

export interface FilterChip<Value extends string> {
  value: Value;
  label: string;
  mark?: ReactNode;
  /** How many there are; absent where nobody counted. */
  count?: number | undefined;
}

interface FilterChipsProps<Value extends string> {
  label: string;
  chips: readonly FilterChip<Value>[];
  chosen: Value;
  onChoose: (value: Value) => void;
}

/** One filter out of a few, each with its count. */
export function FilterChips<Value extends string>(props: FilterChipsProps<Value>) {
  const { label, chips, chosen, onChoose } = props;
  const language = useLanguage();
  return (
    <div className={classes.chips} role="group" aria-label={label}>
      {chips.map(({ value, label: name, mark, count }) => (
        <UnstyledButton
          key={value}
          className={classes.chip}
          aria-pressed={value === chosen}
          onClick={() => onChoose(value)}
        >
          {mark}
          {name} {count !== undefined && <b>{formatCount(count, language)}</b>}
        </UnstyledButton>
      ))}
    </div>
  );
}
