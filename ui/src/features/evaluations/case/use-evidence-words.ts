import { useTranslation } from "react-i18next";

const VERDICTS = [
  "supported",
  "contradicted",
  "not_stated",
  "unsupported",
  "unknown",
  "relevant",
  "off_topic",
  "noncommittal",
  "neutral",
  "answered",
  "not_answered",
  "in_question",
  "kept",
  "lost",
  "yes",
  "no",
] as const;
const NAMES = [
  "claims",
  "reference_claims",
  "sentences",
  "questions",
  "numbers",
  "entities",
  "replies",
  "statements",
  "turns",
  "coverage",
  "agreement",
  "majority",
  "counted",
  "total",
  "level",
  "precision",
  "recall",
  "cosine",
  "missing",
  "extra",
  "matched",
  "missed",
  "problems",
  "steps",
  "pairs",
  "faithfulness",
] as const;
const SIDES = ["reference_claims", "claims", "reference"] as const;

/** What evidence calls things, in words; what a plug-in made up is shown as it is. */
export function useEvidenceWords() {
  const { t } = useTranslation("evals");
  return {
    verdict: (verdict: string | null) => {
      if (verdict === null) return t("verdict.missing");
      const known = VERDICTS.find((one) => one === verdict);
      return known ? t(`verdict.${known}`) : verdict;
    },
    name: (name: string) => {
      const known = NAMES.find((one) => one === name);
      return known ? t(`evidence.names.${known}`) : name.replaceAll("_", " ");
    },
    by: (side: string) => {
      const known = SIDES.find((one) => one === side);
      return known ? t(`evidence.by.${known}`) : side.replaceAll("_", " ");
    },
    value: (value: string | boolean) =>
      typeof value === "boolean" ? t(value ? "verdict.yes" : "verdict.no") : value,
  };
}
