import { Combobox, useCombobox } from "@mantine/core";
import { type ClipboardEvent, type KeyboardEvent, type RefObject, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { TraceQuestion } from "@/api/traces";
import { pickText, useLanguage } from "@/i18n";
import { type Filter, withFilter } from "../model/filters";
import { readPastedFilters } from "../model/query-text";
import type { Words } from "../use-words";
import classes from "./filter-bar.module.css";
import { type Known, openColumn, readAll, type Suggestion, suggest } from "./suggest";
import { useColumnValues } from "./use-values";

interface FilterInputProps {
  inputRef: RefObject<HTMLInputElement | null>;
  filters: readonly string[];
  q: string;
  question: TraceQuestion;
  words: Words;
  onAdd: (filters: string[], q: string) => void;
  /** Backspace or the left arrow before the first letter: back to the chips. */
  onLeave: () => void;
}

/** Where filters are typed: suggestions lead from a column to its values; whole sentences are understood too. */
export function FilterInput({ inputRef, filters, q, question, words, onAdd, onLeave }: FilterInputProps) {
  const { t } = useTranslation("traces");
  const [text, setText] = useState("");
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const known = useKnown(text, question, words);
  const suggestions = useMemo(() => suggest(text, known), [text, known]);

  const add = (added: readonly Filter[], found: string) => {
    onAdd(
      added.reduce((all, filter) => withFilter(all, filter), [...filters]),
      found || q,
    );
    setText("");
    combobox.resetSelectedOption();
  };
  const choose = (suggestion: Suggestion) => {
    if (suggestion.kind === "column") {
      setText(suggestion.text);
      combobox.openDropdown();
    } else if (suggestion.kind === "text") add([], suggestion.words);
    else add(suggestion.filters, suggestion.words);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const isChosen = combobox.dropdownOpened && combobox.getSelectedOptionIndex() >= 0;
    if (event.key === "Enter" && !isChosen && text.trim()) {
      event.preventDefault();
      const read = readAll(text, known);
      add(read.filters, read.words);
    } else if ((event.key === "Backspace" || event.key === "ArrowLeft") && text === "") onLeave();
    else if (event.key === "Escape" && !combobox.dropdownOpened) event.currentTarget.blur();
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = text === "" ? readPastedFilters(event.clipboardData.getData("text")) : null;
    if (!pasted) return;
    event.preventDefault();
    add(pasted, "");
  };
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={(id) => {
        const suggestion = suggestions.find((one) => one.id === id);
        if (suggestion) choose(suggestion);
      }}
      position="bottom-start"
      width={420}
      withinPortal
      shadow="md"
    >
      <Combobox.Target>
        <input
          ref={inputRef}
          className={classes.input}
          aria-label={t("filter.label")}
          aria-keyshortcuts="/"
          placeholder={filters.length || q ? t("filter.more") : t("filter.placeholder")}
          spellCheck={false}
          autoComplete="off"
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            combobox.openDropdown();
            combobox.resetSelectedOption();
          }}
          onFocus={() => combobox.openDropdown()}
          onClick={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
      </Combobox.Target>
      <Combobox.Dropdown hidden={suggestions.length === 0}>
        <Combobox.Options mah={340} style={{ overflowY: "auto" }} aria-label={t("filter.suggestions")}>
          {suggestions.map((suggestion) => (
            <Combobox.Option key={suggestion.id} value={suggestion.id} className={classes.option}>
              <SuggestionLine suggestion={suggestion} words={words} />
            </Combobox.Option>
          ))}
        </Combobox.Options>
        <Combobox.Footer className={classes.help}>{t("filter.help")}</Combobox.Footer>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** The columns, and the values of the column that is being typed. */
function useKnown(text: string, question: TraceQuestion, words: Words): Known {
  const open = openColumn(text, words.finder);
  const column = open?.column.name ?? null;
  const values = useColumnValues(column, question, words);
  return useMemo(
    () => ({
      columns: words.columns,
      finder: words.finder,
      valuesOf: (name) => (name === column ? values : []),
      isValue: (name, value) => name === column && values.includes(value),
    }),
    [words, column, values],
  );
}

function SuggestionLine({ suggestion, words }: { suggestion: Suggestion; words: Words }) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  if (suggestion.kind === "text") return <span>{t("filter.text", { text: suggestion.words })}</span>;
  if (suggestion.kind === "column") {
    const { column } = suggestion;
    return (
      <>
        <span>{pickText(column.title, language)}</span>
        <span className={classes.optionNote}>{column.name}</span>
      </>
    );
  }
  const sentences = suggestion.filters.map((filter) => words.sentenceOf(filter).text);
  if (suggestion.words) sentences.push(t("filter.text", { text: suggestion.words }));
  return <span>{sentences.join(` ${t("filter.and")} `)}</span>;
}
