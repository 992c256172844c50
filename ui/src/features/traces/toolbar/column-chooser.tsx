import { ActionIcon, Button, Checkbox, Popover, ScrollArea, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconColumns3 } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Level } from "@/api/traces";
import { columnNames, USUAL_COLUMNS } from "../list/columns";
import { useColumnTitle } from "../use-column-title";
import type { Words } from "../use-words";
import classes from "./toolbar.module.css";

interface ColumnChooserProps {
  level: Level;
  shown: readonly string[];
  words: Words;
  onChange: (columns: string[] | undefined) => void;
}

/** Which columns the list shows, and in what order. */
export function ColumnChooser({ level, shown, words, onChange }: ColumnChooserProps) {
  const { t } = useTranslation("traces");
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon variant="default" size={26} aria-label={t("columns.choose")} title={t("columns.choose")}>
          <IconColumns3 size={15} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Chooser level={level} shown={shown} words={words} onChange={onChange} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Chooser({ level, shown, words, onChange }: ColumnChooserProps) {
  const { t } = useTranslation("traces");
  const titleOf = useColumnTitle(words);
  const [search, setSearch] = useState("");
  const rest = columnNames(level, words.columns).filter((name) => !shown.includes(name));
  const isFound = (name: string) => `${name} ${titleOf(name)}`.toLowerCase().includes(search.toLowerCase());
  const set = (columns: string[]) =>
    onChange(columns.join() === USUAL_COLUMNS[level].join() ? undefined : columns);
  const move = (index: number, by: number) => {
    const moved = shown.toSpliced(index, 1);
    set(moved.toSpliced(index + by, 0, shown[index] ?? ""));
  };
  return (
    <div className={classes.chooser}>
      <TextInput
        aria-label={t("columns.search")}
        placeholder={t("columns.search")}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        data-autofocus
      />
      <ScrollArea.Autosize mah={360} type="auto">
        <ul className={classes.columns}>
          {shown.map((name, index) => (
            <li key={name} hidden={!isFound(name)}>
              <Checkbox
                size="xs"
                label={titleOf(name)}
                checked
                disabled={shown.length === 1}
                onChange={() => set(shown.filter((one) => one !== name))}
              />
              <MoveButton
                label={t("columns.earlier", { column: titleOf(name) })}
                isDisabled={index === 0}
                isUp
                onMove={() => move(index, -1)}
              />
              <MoveButton
                label={t("columns.later", { column: titleOf(name) })}
                isDisabled={index === shown.length - 1}
                onMove={() => move(index, 1)}
              />
            </li>
          ))}
          {rest.filter(isFound).map((name) => (
            <li key={name}>
              <Checkbox
                size="xs"
                label={titleOf(name)}
                checked={false}
                onChange={() => set([...shown, name])}
              />
            </li>
          ))}
        </ul>
      </ScrollArea.Autosize>
      <Button variant="subtle" size="compact-xs" onClick={() => onChange(undefined)}>
        {t("columns.usual")}
      </Button>
    </div>
  );
}

interface MoveButtonProps {
  label: string;
  isDisabled: boolean;
  isUp?: boolean;
  onMove: () => void;
}

function MoveButton({ label, isDisabled, isUp = false, onMove }: MoveButtonProps) {
  return (
    <ActionIcon size={20} aria-label={label} title={label} disabled={isDisabled} onClick={onMove}>
      {isUp ? <IconArrowUp size={12} aria-hidden /> : <IconArrowDown size={12} aria-hidden />}
    </ActionIcon>
  );
}
