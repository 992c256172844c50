import { useTranslation } from "react-i18next";
import type { DatasetVersion } from "@/api/datasets";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatCount, formatPercent } from "@/lib/format";
import classes from "./datasets.module.css";

const FIELDS = [
  "answer",
  "contexts",
  "reference",
  "reference_contexts",
  "relevance",
  "tool_calls",
  "reference_tool_calls",
  "turns",
  "group",
  "latency",
  "cost",
  "tokens",
  "trace_id",
] as const;

/** A version by its number, and by what its file calls it. */
export function VersionLabel({ version: { number, label } }: { version: DatasetVersion }) {
  return (
    <span className={classes.version}>
      {`@${number}`}
      {label && (
        <small>
          <ForeignName text={label} length={24} />
        </small>
      )}
    </span>
  );
}

/** Which fields the examples have, and how many of them where it is not all. */
export function FieldCounts({ version }: { version: DatasetVersion }) {
  const language = useLanguage();
  const nameOf = useFieldNames();
  const { fields, languages, example_count } = version;
  return (
    <span className={classes.fields}>
      {Object.entries(fields).map(([field, count]) => (
        <span key={field} className={classes.field} title={formatCount(count, language)}>
          {nameOf(field)}
          {count < example_count && <small>{formatPercent(count / (example_count || 1), language)}</small>}
        </span>
      ))}
      {Object.entries(languages).map(([tag, count]) => (
        <span key={tag} className={classes.field} title={formatCount(count, language)}>
          {tag}
          {count < example_count && <small>{formatPercent(count / (example_count || 1), language)}</small>}
        </span>
      ))}
    </span>
  );
}

function useFieldNames(): (field: string) => string {
  const { t } = useTranslation("evals");
  return (field) => {
    const known = FIELDS.find((one) => one === field);
    return known ? t(`field.${known}`) : field.replaceAll("_", " ");
  };
}
