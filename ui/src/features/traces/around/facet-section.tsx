import { ActionIcon, Tooltip, UnstyledButton } from "@mantine/core";
import { IconMinus } from "@tabler/icons-react";
import type { MouseEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Facet } from "@/api/traces";
import { useLanguage } from "@/i18n";
import { formatCount, formatNumber } from "@/lib/format";
import { stanceOn, toggleExcluded, toggleIncluded, writeFilter } from "../model/filters";
import type { Words } from "../use-words";
import classes from "./facet-panel.module.css";

interface FacetSectionProps {
  facet: Facet;
  filters: readonly string[];
  words: Words;
  onFilters: (filters: string[]) => void;
  remove: ReactNode;
}

/** The values of one column with their counts. */
export function FacetSection({ facet, filters, words, onFilters, remove }: FacetSectionProps) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const { column, values, other_count, missing_count } = facet;
  const most = Math.max(1, ...values.map(({ count }) => count));
  return (
    <section className={classes.section} aria-label={words.titleOf(column)}>
      <header className={classes.header}>
        <h3>{words.titleOf(column)}</h3>
        {remove}
      </header>
      {values.length === 0 && <p className={classes.note}>{t("facets.none")}</p>}
      <ul className={classes.values}>
        {values.map(({ value, count }) => (
          <FacetValue
            key={value}
            name={words.valueOf(column, value)}
            count={count}
            share={count / most}
            stance={stanceOn(filters, column, value)}
            onInclude={() => onFilters(toggleIncluded(filters, column, value))}
            onExclude={() => onFilters(toggleExcluded(filters, column, value))}
          />
        ))}
      </ul>
      {other_count > 0 && (
        <p className={classes.note}>{t("facets.other", { count: formatNumber(other_count, language) })}</p>
      )}
      {missing_count > 0 && (
        <UnstyledButton
          className={classes.missing}
          title={formatCount(missing_count, language)}
          onClick={() => onFilters(toggleMissing(filters, column))}
        >
          {t("facets.missing", { count: formatNumber(missing_count, language) })}
        </UnstyledButton>
      )}
    </section>
  );
}

function toggleMissing(filters: readonly string[], column: string): string[] {
  const missing = writeFilter({ column, operator: "is_null", value: "true" });
  return filters.includes(missing) ? filters.filter((text) => text !== missing) : [...filters, missing];
}

interface FacetValueProps {
  name: string;
  count: number;
  share: number;
  stance: "included" | "excluded" | null;
  onInclude: () => void;
  onExclude: () => void;
}

function FacetValue({ name, count, share, stance, onInclude, onExclude }: FacetValueProps) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const exclude = t(stance === "excluded" ? "facets.excluded" : "facets.exclude", { value: name });
  const onClick = (event: MouseEvent) => (event.altKey || event.shiftKey ? onExclude() : onInclude());
  return (
    <li className={classes.value} data-stance={stance ?? undefined}>
      <UnstyledButton
        className={classes.pick}
        aria-pressed={stance === "included"}
        title={`${name} · ${formatCount(count, language)}`}
        onClick={onClick}
      >
        <span className={classes.share} style={{ width: `${share * 100}%` }} aria-hidden="true" />
        <bdi className={classes.name}>{name}</bdi>
        <span className={classes.count}>{formatNumber(count, language)}</span>
      </UnstyledButton>
      <Tooltip label={exclude}>
        <ActionIcon
          size={20}
          className={classes.exclude}
          aria-label={exclude}
          aria-pressed={stance === "excluded"}
          onClick={onExclude}
        >
          <IconMinus size={12} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </li>
  );
}
