import { Button } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { Fragment, type KeyboardEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Refusal, TraceQuestion } from "@/api/traces";
import { visibleLine } from "@/lib/foreign-text";
import { useShortcut } from "@/lib/shortcuts";
import type { Words } from "../use-words";
import classes from "./filter-bar.module.css";
import { FilterChip, TextChip } from "./filter-chip";
import { FilterInput } from "./filter-input";

interface FilterBarProps {
  filters: readonly string[];
  q: string;
  refused: readonly Refusal[];
  question: TraceQuestion;
  words: Words;
  onChange: (filters: readonly string[], q: string) => void;
}

/** The conditions of the list as one sentence, and where more of them are typed. */
export function FilterBar({ filters, q, refused, question, words, onChange }: FilterBarProps) {
  const { t } = useTranslation("traces");
  const bar = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  useShortcut("/", t("shortcut.filter"), t("shortcut.group"), () => input.current?.focus());
  const chips = () => [...(bar.current?.querySelectorAll<HTMLElement>("[data-chip]") ?? [])];
  const onKeyDown = (event: KeyboardEvent) => {
    const all = chips();
    const at = all.indexOf(event.target as HTMLElement);
    if (at < 0) return;
    if (event.key === "ArrowLeft") all[at - 1]?.focus();
    if (event.key === "ArrowRight") (all[at + 1] ?? input.current)?.focus();
  };
  const remove = (index: number) => {
    onChange(filters.toSpliced(index, 1), q);
    input.current?.focus();
  };
  return (
    <div className={classes.place}>
      <div
        ref={bar}
        className={classes.bar}
        role="group"
        aria-label={t("filter.bar")}
        onKeyDown={onKeyDown}
        onClick={(event) => event.target === event.currentTarget && input.current?.focus()}
      >
        <IconFilter size={15} className={classes.icon} aria-hidden />
        {filters.map((text, index) => (
          <Fragment key={text}>
            {index > 0 && <Joint />}
            <FilterChip
              text={text}
              refusal={refused.find(({ filter }) => filter === text)}
              question={question}
              words={words}
              onChange={(changed) => onChange([...new Set(filters.with(index, changed))], q)}
              onRemove={() => remove(index)}
            />
          </Fragment>
        ))}
        {q && (
          <>
            {filters.length > 0 && <Joint />}
            <TextChip
              text={q}
              onRemove={() => {
                onChange(filters, "");
                input.current?.focus();
              }}
            />
          </>
        )}
        <FilterInput
          inputRef={input}
          filters={filters}
          q={q}
          question={question}
          words={words}
          onAdd={onChange}
          onLeave={() => chips().at(-1)?.focus()}
        />
        {(filters.length > 1 || (filters.length > 0 && q)) && (
          <Button variant="subtle" color="gray" size="compact-xs" onClick={() => onChange([], "")}>
            {t("filter.clear")}
          </Button>
        )}
      </div>
      {refused.map((refusal) => (
        <RefusalNote
          key={refusal.filter}
          refusal={refusal}
          onRemove={() =>
            onChange(
              filters.filter((text) => text !== refusal.filter),
              q,
            )
          }
        />
      ))}
    </div>
  );
}

function Joint() {
  const { t } = useTranslation("traces");
  return <span className={classes.joint}>{t("filter.and")}</span>;
}

/** What the server says of a filter that the list therefore does not follow. */
function RefusalNote({ refusal, onRemove }: { refusal: Refusal; onRemove: () => void }) {
  const { t } = useTranslation("traces");
  const { filter, problem } = refusal;
  return (
    <p className={classes.refusal} role="alert">
      <svg className={classes.wrongMark} viewBox="0 0 12 12" aria-hidden="true">
        <path d="M6 .4 11.6 6 6 11.6.4 6Z" />
      </svg>
      <span>
        {t("filter.refused", { filter: visibleLine(filter) })} {problem.message} {problem.hint}
      </span>
      <Button variant="subtle" size="compact-xs" onClick={onRemove}>
        {t("editor.remove")}
      </Button>
    </p>
  );
}
