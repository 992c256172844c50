import { Button } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { histogramQuery, type ListQuestion } from "@/api/traces";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { parseFilter } from "../model/filters";
import type { Words } from "../use-words";
import classes from "./suspects.module.css";

interface SuspectsProps {
  question: ListQuestion;
  filters: readonly string[];
  q: string;
  words: Words;
  onChange: (filters: readonly string[], q: string) => void;
}

interface Suspect {
  id: string;
  name: string;
  question: ListQuestion;
  drop: () => void;
}

/** Each condition, and how much there would be without it. */
export function Suspects({ question, filters, q, words, onChange }: SuspectsProps) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const { scope, setScope } = usePageState();
  const without = (text: string) => ({
    ...question,
    filters: question.filters.filter((one) => one !== text),
  });
  const scoped = [scope.environment && "environment", scope.service && "service"].flatMap(
    (name) => name || [],
  );
  const suspects: Suspect[] = [
    ...filters.map((text, index) => {
      const filter = parseFilter(text);
      const name = filter ? words.sentenceOf(filter).text : text;
      return {
        id: text,
        name,
        question: without(text),
        drop: () => onChange(filters.toSpliced(index, 1), q),
      };
    }),
    ...(q
      ? [
          {
            id: "q",
            name: t("filter.text", { text: q }),
            question: { ...question, q: undefined },
            drop: () => onChange(filters, ""),
          },
        ]
      : []),
    ...scoped.map((column) => {
      const text = question.filters.find((one) => one.startsWith(`${column}:eq:`)) ?? "";
      const filter = parseFilter(text);
      const name = filter ? words.sentenceOf(filter).text : text;
      return {
        id: `scope-${column}`,
        name,
        question: without(text),
        drop: () => setScope({ [column]: null }),
      };
    }),
  ];
  const counts = useQueries({
    queries: suspects.map(({ question: asked }) => ({ ...histogramQuery(asked, 1), meta: {} })),
  });
  return (
    <>
      <p className={classes.intro}>{t(suspects.length > 1 ? "empty.which" : "empty.without")}</p>
      <ul className={classes.list}>
        {suspects.map(({ id, name, drop }, index) => {
          const total = counts[index]?.data?.total;
          return (
            <li key={id}>
              <bdi className={classes.name}>{name}</bdi>
              <span className={classes.count}>
                {total !== undefined && t("empty.wouldBe", { written: formatCount(total, language) })}
              </span>
              <Button variant={total ? "light" : "subtle"} size="compact-xs" onClick={drop}>
                {t("empty.drop")}
              </Button>
            </li>
          );
        })}
      </ul>
      {suspects.length > 1 && filters.length + (q ? 1 : 0) > 1 && (
        <Button variant="subtle" size="compact-xs" onClick={() => onChange([], "")}>
          {t("empty.dropAll")}
        </Button>
      )}
    </>
  );
}
