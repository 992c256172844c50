import { Autocomplete, Button, Group, Select, Stack, TagsInput, Text } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Column, TraceQuestion } from "@/api/traces";
import { pickText, useLanguage } from "@/i18n";
import { editableAmount } from "../model/amounts";
import { type Filter, filterOnAny, type Operator, valuesOf } from "../model/filters";
import { attributeColumn, readValue } from "../model/query-text";
import type { Words } from "../use-words";
import { useColumnValues } from "./use-values";

interface FilterEditorProps {
  filter: Filter;
  question: TraceQuestion;
  words: Words;
  /** What the server said of the filter, if it refused it. */
  problem?: string | undefined;
  onApply: (filter: Filter) => void;
  onRemove: () => void;
}

/** A filter in its three parts. */
export function FilterEditor({ filter, question, words, problem, onApply, onRemove }: FilterEditorProps) {
  const { t } = useTranslation("traces");
  const [name, setName] = useState(filter.column);
  const column = words.column(name) ?? attributeColumn(name);
  const [operator, setOperator] = useState<Operator>(filter.operator);
  const [values, setValues] = useState(() => valuesOf(filter).map((value) => editable(value, column)));
  const offered = useColumnValues(column ? name : null, question, words);
  const made = makeFilter(column, operator, values);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (made) onApply(made);
  };
  const chooseColumn = (chosen: string | null) => {
    const next = chosen && words.column(chosen);
    if (!next) return;
    setName(next.name);
    setValues([""]);
    if (!next.operators.includes(operator)) setOperator((next.operators[0] ?? "eq") as Operator);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs" w={260}>
        <Select
          label={t("editor.column")}
          data={useColumnOptions(words, name)}
          value={name}
          onChange={chooseColumn}
          searchable
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
          maxDropdownHeight={260}
        />
        <Select
          label={t("editor.operator")}
          data={(column?.operators ?? [operator]).map((one) => ({ value: one, label: t(`operator.${one}`) }))}
          value={operator}
          onChange={(chosen) => chosen && setOperator(chosen as Operator)}
          allowDeselect={false}
          comboboxProps={{ withinPortal: false }}
        />
        <ValueField
          column={column}
          operator={operator}
          values={values}
          offered={offered}
          onChange={setValues}
        />
        {problem && (
          <Text size="xs" c="var(--pw-critical)">
            {problem}
          </Text>
        )}
        <Group justify="space-between">
          <Button variant="subtle" color="gray" onClick={onRemove}>
            {t("editor.remove")}
          </Button>
          <Button type="submit" disabled={!made}>
            {t("editor.apply")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ValueFieldProps {
  column: Column | null;
  operator: Operator;
  values: string[];
  offered: readonly string[];
  onChange: (values: string[]) => void;
}

function ValueField({ column, operator, values, offered, onChange }: ValueFieldProps) {
  const { t } = useTranslation("traces");
  const label = t("editor.value");
  const [value = ""] = values;
  const inside = { withinPortal: false };
  if (operator === "is_null" || column?.type === "flag") {
    const isNull = operator === "is_null";
    const data = [
      { value: "true", label: isNull ? t("value.empty") : t("value.true") },
      { value: "false", label: isNull ? t("value.set") : t("value.false") },
    ];
    return (
      <Select
        label={label}
        data={data}
        value={value === "false" ? "false" : "true"}
        onChange={(chosen) => onChange([chosen ?? "true"])}
        allowDeselect={false}
        comboboxProps={inside}
        data-autofocus
      />
    );
  }
  const known = [...new Set([...(column?.choices ?? []), ...offered])];
  if (operator === "in")
    return (
      <TagsInput
        size="xs"
        label={label}
        data={known}
        value={values.filter(Boolean)}
        onChange={onChange}
        comboboxProps={inside}
        data-autofocus
      />
    );
  return (
    <Autocomplete
      size="xs"
      label={label}
      description={column?.unit === "ms" ? t("editor.durationHint") : undefined}
      data={known}
      limit={50}
      value={value}
      onChange={(text) => onChange([text])}
      comboboxProps={inside}
      maxDropdownHeight={200}
      data-autofocus
    />
  );
}

/** Columns under the headings of their groups. */
function useColumnOptions(words: Words, name: string) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  return useMemo(() => {
    const groups = new Map<string, { value: string; label: string }[]>();
    if (!words.column(name)) groups.set(t("editor.attribute"), [{ value: name, label: name }]);
    for (const column of words.columns) {
      const group = pickText(words.groups.get(column.group) ?? { en: column.group }, language);
      const items = groups.get(group) ?? [];
      items.push({ value: column.name, label: pickText(column.title, language) });
      groups.set(group, items);
    }
    return [...groups].map(([group, items]) => ({ group, items }));
  }, [words, name, language, t]);
}

function editable(value: string, column: Column | null): string {
  return column?.type === "number" ? editableAmount(value, column.unit ?? null) : value;
}

/** The filter that the fields make; null while they make none. */
function makeFilter(column: Column | null, operator: Operator, values: readonly string[]): Filter | null {
  if (!column) return null;
  if (operator === "is_null")
    return { column: column.name, operator, value: values[0] === "false" ? "false" : "true" };
  const written = column.type === "flag" && !values[0] ? ["true"] : values;
  const read = written
    .filter((value) => value.trim() !== "")
    .flatMap((value) => readValue(column, value) ?? []);
  const [only] = read;
  if (only === undefined) return null;
  return operator === "in" ? filterOnAny(column.name, read) : { column: column.name, operator, value: only };
}
