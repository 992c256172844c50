import { useTranslation } from "react-i18next";
import { cutText, visibleLine } from "@/lib/foreign-text";

const FACTS = ["language", "question_type", "question_length", "group"] as const;
const QUESTION_TYPES = ["comparative", "procedural", "reasoning", "opinion", "factual", "other"] as const;

export interface FactNames {
  /** What cases are split by; names of metadata come from outside. */
  factOf: (fact: string) => string;
  /** One of its values. */
  factValueOf: (fact: string, value: string) => string;
  typeOf: (type: string) => string;
}

/** What people call the facts that cases are split by, and their values. */
export function useFactNames(): FactNames {
  const { t } = useTranslation("evals");
  const factOf = (fact: string) => {
    const known = FACTS.find((one) => one === fact);
    return known ? t(`slices.fact.${known}`) : cutText(visibleLine(fact.replace(/^metadata\./, "")), 40);
  };
  const typeOf = (type: string) => {
    const known = QUESTION_TYPES.find((one) => one === type);
    return known ? t(`questionType.${known}`) : cutText(visibleLine(type), 60);
  };
  const factValueOf = (fact: string, value: string) =>
    fact === "question_type" ? typeOf(value) : cutText(visibleLine(value), 60);
  return { factOf, factValueOf, typeOf };
}
