import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Words } from "./use-words";

/** Columns that the list makes itself or calls by a shorter name than the server. */
const OWN = [
  ...(["status", "started_at", "name", "input_preview", "output_preview", "duration_ms"] as const),
  ...(["tokens", "cost_usd", "scores", "model", "service", "span_count", "error_count"] as const),
];
type Own = (typeof OWN)[number];

/** What a column of the list is called. */
export function useColumnTitle(words: Words): (name: string) => string {
  const { t } = useTranslation("traces");
  return useCallback(
    (name) => {
      const own = OWN.find((known): known is Own => known === name);
      return own ? t(`column.${own}`) : words.titleOf(name);
    },
    [t, words],
  );
}
