import { ActionIcon, Select, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconX } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Facet, facetsQuery, type TraceQuestion } from "@/api/traces";
import { LoadingState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { parseFilter } from "../model/filters";
import type { Words } from "../use-words";
import classes from "./facet-panel.module.css";
import { FacetSection } from "./facet-section";

const USUAL = ["status", "error_class", "model", "service", "name", "environment", "version"];

interface FacetPanelProps {
  question: TraceQuestion;
  /** The list comes first. */
  isReady: boolean;
  filters: readonly string[];
  words: Words;
  onFilters: (filters: string[]) => void;
}

/** The most frequent values of chosen columns; a click keeps to one, Alt or Shift and a click leave it out. */
export function FacetPanel({ question, isReady, filters, words, onFilters }: FacetPanelProps) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const [chosen, setChosen] = useLocalStorage({ key: "pitwall.trace-facets", defaultValue: USUAL });
  const columns = useMemo(
    () => chosen.filter((name) => words.columns.length === 0 || words.column(name)?.has_facet),
    [chosen, words],
  );
  const { facets, isSampled, isPending } = useFacets(question, columns, filters, isReady);
  const addable = words.columns
    .filter(({ name, has_facet }) => has_facet && !chosen.includes(name))
    .map(({ name, title }) => ({ value: name, label: pickText(title, language) }));
  return (
    <div className={classes.panel}>
      {isPending && <LoadingState height={320} rows={10} />}
      {columns.map((name) => {
        const facet = facets.get(name);
        return (
          facet && (
            <FacetSection
              key={name}
              facet={facet}
              filters={filters}
              words={words}
              onFilters={onFilters}
              remove={
                <Tooltip label={t("facets.remove", { column: words.titleOf(name) })}>
                  <ActionIcon
                    size={20}
                    aria-label={t("facets.remove", { column: words.titleOf(name) })}
                    onClick={() => setChosen(chosen.filter((one) => one !== name))}
                  >
                    <IconX size={12} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              }
            />
          )
        );
      })}
      {isSampled && <p className={classes.note}>{t("facets.sampled")}</p>}
      <Select
        aria-label={t("facets.add")}
        placeholder={t("facets.add")}
        searchable
        data={addable}
        value={null}
        onChange={(name) => name && setChosen([...chosen, name])}
        comboboxProps={{ width: 240, position: "bottom-start" }}
      />
      <p className={classes.note}>{t("facets.hint")}</p>
    </div>
  );
}

/** Counts of all columns at once; a column that is filtered itself is counted without its own filter. */
function useFacets(
  question: TraceQuestion,
  columns: readonly string[],
  filters: readonly string[],
  isReady: boolean,
) {
  const own = new Set(filters.map((text) => parseFilter(text)?.column));
  const [filtered, free] = [
    columns.filter((name) => own.has(name)),
    columns.filter((name) => !own.has(name)),
  ];
  const without = (name: string) => ({
    ...question,
    filters: question.filters.filter(
      (text) => !(filters.includes(text) && parseFilter(text)?.column === name),
    ),
  });
  const asked = [
    ...(free.length ? [facetsQuery(question, free)] : []),
    ...filtered.map((name) => facetsQuery(without(name), [name])),
  ];
  const answers = useQueries({ queries: asked.map((query) => ({ ...query, enabled: isReady })) });
  // What is counted anew keeps its old counts until then, so that nothing moves under the pointer.
  const known = useRef(new Map<string, Facet>());
  const facets = known.current;
  for (const { data } of answers) for (const facet of data?.facets ?? []) facets.set(facet.column, facet);
  return {
    facets,
    isSampled: answers.some(({ data }) => data?.sampled),
    isPending: facets.size === 0 && answers.some(({ isPending }) => isPending),
  };
}
