import { TextInput, UnstyledButton } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Signal } from "@/api/signals";
import { pickText, useLanguage } from "@/i18n";
import classes from "./signal-list.module.css";

interface SignalListProps {
  signals: readonly Signal[];
  onPick: (signal: Signal) => void;
}

/** The catalogue, searched by title, name and description in either language. */
export function SignalList({ signals, onPick }: SignalListProps) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const [text, setText] = useState("");
  const found = useMemo(() => matching(signals, text), [signals, text]);
  return (
    <div>
      <TextInput
        data-autofocus
        label={t("edit.search")}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <ul className={classes.list} aria-label={t("edit.catalogue")}>
        {found.map((signal) => (
          <li key={signal.name}>
            <UnstyledButton className={classes.signal} onClick={() => onPick(signal)}>
              <span className={classes.title}>{pickText(signal.title, language)}</span>
              <code className={classes.name}>{signal.name}</code>
              <span className={classes.description}>{pickText(signal.description, language)}</span>
              <IconPlus size={16} className={classes.plus} aria-hidden />
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className={classes.nothing}>{t("edit.nothingFound")}</p>}
    </div>
  );
}

function matching(signals: readonly Signal[], text: string): Signal[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return signals.filter(({ name, title, description }) => {
    const written = [name, ...Object.values(title), ...Object.values(description)].join(" ").toLowerCase();
    return words.every((word) => written.includes(word));
  });
}

/** Signals that are many values per window, such as shares by label, fit no single number. */
export function isBreakdown(signal: Signal): boolean {
  return /^(share|topk|histogram)\(/.test(signal.value);
}
