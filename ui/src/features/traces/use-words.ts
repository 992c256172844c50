import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Column, columnsQuery } from "@/api/traces";
import { pickText, useLanguage } from "@/i18n";
import type { Language } from "@/i18n/languages";
import { visibleLine } from "@/lib/foreign-text";
import { formatBytes, formatCost, formatDuration, formatInstant, formatNumber } from "@/lib/format";
import { type Filter, valuesOf } from "./model/filters";
import { ColumnFinder } from "./model/query-text";

/** A filter as a sentence, cut where its parts stand so that they can be set apart. */
export interface FilterWords {
  parts: readonly { kind: "subject" | "value" | "rest"; text: string }[];
  /** The whole sentence. */
  text: string;
}

export interface Words {
  columns: readonly Column[];
  /** Titles of groups of columns, by their names. */
  groups: ReadonlyMap<string, { en: string; ko: string }>;
  finder: ColumnFinder;
  /** A column by its exact name. */
  column: (name: string) => Column | null;
  titleOf: (name: string) => string;
  sentenceOf: (filter: Filter) => FilterWords;
  valueOf: (column: string, value: string) => string;
}

/** Stand where the parts go while the sentence is put together; nothing people write looks like them. */
const [SUBJECT, VALUE] = ["\ue000", "\ue001"];
const NONE: readonly Column[] = [];
const OUTCOMES = ["error", "ok", "unset"] as const;

/** Columns and filters in the words of the person's language. */
export function useWords(): Words {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const { data } = useQuery(columnsQuery);
  const columns = data?.columns ?? NONE;
  return useMemo(() => {
    const finder = new ColumnFinder(columns);
    const column = (name: string) => {
      const found = finder.find(name);
      return found?.name === name ? found : null;
    };
    const titleOf = (name: string) => {
      const found = column(name);
      return found ? pickText(found.title, language) : visibleLine(name);
    };
    const writeValue = (name: string, value: string) => {
      const found = column(name);
      const outcome = OUTCOMES.find((known) => name === "status" && known === value);
      if (outcome) return t(`status.${outcome}`);
      if (found?.type === "flag") return value === "false" ? t("value.false") : t("value.true");
      return writeColumnValue(value, found, language);
    };
    const sentenceOf = (filter: Filter): FilterWords => {
      const values = valuesOf(filter).map((value) => writeValue(filter.column, value));
      const pattern =
        filter.operator === "is_null"
          ? t(filter.value === "false" ? "sentence.is_set" : "sentence.is_null", { subject: SUBJECT })
          : t(`sentence.${filter.operator}`, { subject: SUBJECT, value: VALUE });
      const subject = subjectOf(titleOf(filter.column), language);
      return cut(pattern, subject, values.join(t("sentence.or")));
    };
    const groups = new Map(data?.groups.map(({ name, title }) => [name, title]));
    return { columns, groups, finder, column, titleOf, sentenceOf, valueOf: writeValue };
  }, [data, columns, language, t]);
}

function cut(pattern: string, subject: string, value: string): FilterWords {
  const parts = pattern
    .split(/([\ue000\ue001])/)
    .filter(Boolean)
    .map((piece) => {
      if (piece === SUBJECT) return { kind: "subject" as const, text: subject };
      if (piece === VALUE) return { kind: "value" as const, text: value };
      return { kind: "rest" as const, text: piece };
    });
  return { parts, text: parts.map(({ text }) => text).join("") };
}

/** A column's title as the subject of a sentence. */
function subjectOf(title: string, language: Language): string {
  if (language === "ko") return `${title}${particleOf(title)}`;
  return /^[A-Z][a-z ]/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}

/** 이 after a consonant, 가 after a vowel. */
function particleOf(title: string): string {
  const last = title.replace(/\([^)]*\)$/, "").at(-1) ?? "";
  const code = last.charCodeAt(0) - 0xac00;
  if (code >= 0 && code < 11_172) return code % 28 === 0 ? "가" : "이";
  return /[lmnr013678]/i.test(last) ? "이" : "가";
}

/** A value of a column as lists and filters show it. */
export function writeColumnValue(value: string, column: Column | null, language: Language): string {
  const number = Number(value);
  if (column?.type === "time" && /^\d{4}-/.test(value) && !Number.isNaN(Date.parse(value)))
    return formatInstant(value, language);
  if (column?.type !== "number" || value.trim() === "" || !Number.isFinite(number)) return visibleLine(value);
  if (column.unit === "ms") return formatDuration(number, language);
  if (column.unit === "usd") return formatCost(number, language);
  if (column.unit === "byte") return formatBytes(number, language);
  return formatNumber(number, language);
}
