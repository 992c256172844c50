import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { datasetVersionsQuery } from "@/api/datasets";
import type { TrendBreak } from "@/api/eval-trends";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { usePageState } from "@/lib/page-state";

const LENGTH = 40;

export interface BreakWords {
  /** What changed, and from what to what. */
  wordsOf: (breaks: readonly TrendBreak[]) => string;
  /** What changed alone. */
  kindsOf: (breaks: readonly TrendBreak[]) => string;
}

/** What changed between two runs, in words; versions of the dataset by their numbers where they are still there. */
export function useBreakWords(dataset: string): BreakWords {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const { data } = useQuery(datasetVersionsQuery(scope, dataset));
  const nameOf = (hash: string) => {
    const found = data?.versions.find(({ content_hash }) => content_hash.startsWith(hash));
    return found ? `@${found.number}` : hash;
  };
  const wordOf = ({ kind, before, after }: TrendBreak) => {
    const name = kind === "dataset" ? nameOf : (text: string) => cutText(visibleLine(text), LENGTH);
    return t("trends.changed", {
      what: t(`trends.break.${kind}`),
      before: name(before),
      after: name(after),
    });
  };
  return {
    wordsOf: (breaks) => breaks.map(wordOf).join(" · "),
    kindsOf: (breaks) => [...new Set(breaks.map(({ kind }) => t(`trends.break.${kind}`)))].join(", "),
  };
}
