import { ActionIcon, Popover, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Refusal, TraceQuestion } from "@/api/traces";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { parseFilter, writeFilter } from "../model/filters";
import type { Words } from "../use-words";
import classes from "./filter-bar.module.css";
import { FilterEditor } from "./filter-editor";

const MAX_VALUE = 60;

interface FilterChipProps {
  text: string;
  refusal: Refusal | undefined;
  question: TraceQuestion;
  words: Words;
  onChange: (text: string) => void;
  onRemove: () => void;
}

/** A filter as a part of the sentence; choose it to change it, Backspace or Delete to remove it. */
export function FilterChip({ text, refusal, question, words, onChange, onRemove }: FilterChipProps) {
  const { t } = useTranslation("traces");
  const [isOpen, editor] = useDisclosure(false);
  const filter = parseFilter(text);
  const sentence = filter ? words.sentenceOf(filter) : null;
  const problem = refusal && [refusal.problem.message, refusal.problem.hint].filter(Boolean).join(" ");
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Backspace" && event.key !== "Delete") return;
    event.preventDefault();
    onRemove();
  };
  const chip = (
    <UnstyledButton
      className={classes.sentence}
      title={text}
      data-chip
      aria-label={t("filter.edit", { filter: sentence?.text ?? text })}
      aria-invalid={refusal !== undefined || undefined}
      onClick={editor.toggle}
      onKeyDown={onKeyDown}
    >
      {refusal && (
        <svg className={classes.wrongMark} viewBox="0 0 12 12" aria-hidden="true">
          <path d="M6 .4 11.6 6 6 11.6.4 6Z" />
        </svg>
      )}
      {sentence
        ? sentence.parts.map(({ kind, text: part }) => (
            <bdi key={`${kind}${part}`} className={classes[kind]}>
              {cutText(part, MAX_VALUE)}
            </bdi>
          ))
        : visibleLine(cutText(text, MAX_VALUE))}
    </UnstyledButton>
  );
  return (
    <span className={classes.chip} data-wrong={refusal !== undefined || undefined}>
      <Popover
        opened={isOpen}
        onChange={editor.toggle}
        position="bottom-start"
        shadow="md"
        trapFocus
        returnFocus
      >
        <Popover.Target>{chip}</Popover.Target>
        <Popover.Dropdown>
          <FilterEditor
            filter={filter ?? { column: text, operator: "eq", value: "" }}
            question={question}
            words={words}
            problem={problem}
            onApply={(changed) => {
              editor.close();
              onChange(writeFilter(changed));
            }}
            onRemove={onRemove}
          />
        </Popover.Dropdown>
      </Popover>
      <RemoveButton label={t("filter.remove", { filter: sentence?.text ?? text })} onRemove={onRemove} />
    </span>
  );
}

/** The text that inputs or outputs have to hold, as a part of the sentence. */
export function TextChip({ text, onRemove }: { text: string; onRemove: () => void }) {
  const { t } = useTranslation("traces");
  const sentence = t("filter.text", { text: visibleLine(cutText(text, MAX_VALUE)) });
  return (
    <span className={classes.chip}>
      <UnstyledButton
        className={classes.sentence}
        data-chip
        title={text}
        onKeyDown={(event) => (event.key === "Backspace" || event.key === "Delete") && onRemove()}
      >
        {sentence}
      </UnstyledButton>
      <RemoveButton label={t("filter.remove", { filter: sentence })} onRemove={onRemove} />
    </span>
  );
}

function RemoveButton({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={20} aria-label={label} onClick={onRemove} tabIndex={-1}>
        <IconX size={12} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
