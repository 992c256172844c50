import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { facetsQuery, type TraceQuestion } from "@/api/traces";
import { parseFilter } from "../model/filters";
import type { Words } from "../use-words";

const MAX_VALUES = 100;

/** The values that a column has in the time looked at, most frequent first; filters on it do not count. */
export function useColumnValues(
  column: string | null,
  question: TraceQuestion,
  words: Words,
): readonly string[] {
  const known = column === null ? null : words.finder.find(column);
  const asked = useMemo(() => {
    const filters = question.filters.filter((text) => {
      const filter = parseFilter(text);
      return filter && filter.column !== column && words.finder.find(filter.column);
    });
    return { ...question, filters };
  }, [question, column, words]);
  const {
    placeholderData: _kept,
    meta: _live,
    ...query
  } = facetsQuery(asked, column === null ? [] : [column], MAX_VALUES);
  const isCounted = known?.has_facet === true && known.type !== "flag";
  const { data } = useQuery({ ...query, enabled: isCounted });
  return useMemo(
    () => data?.facets.find((facet) => facet.column === column)?.values.map(({ value }) => value) ?? [],
    [data, column],
  );
}
