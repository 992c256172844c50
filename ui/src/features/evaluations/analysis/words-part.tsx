import { useTranslation } from "react-i18next";
import { RangeMark } from "@/components/charts/range-mark";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { pickText, useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCount, formatScoreDifference } from "@/lib/format";
import { writeP } from "../compare/metric-verdicts";
import { useMetricNames } from "../use-metric-names";
import classes from "./analysis.module.css";
import type { Association, Associations, Keywords } from "./parts";

const TOP = 12;
const FACTORS = [
  "question_chars",
  "question_words",
  "answer_chars",
  "context_count",
  "context_chars",
  "has_reference",
  "keyword_overlap",
  "reference_terms",
  "latency_ms",
] as const;

/** What questions are about, and the terms that failing cases have more often than chance explains. */
export function KeywordsPart({ keywords }: { keywords: Keywords | undefined }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  if (!keywords) return null;
  const { in_failing, top } = keywords;
  return (
    <Panel title={t("analysis.title.keywords")}>
      <h3 className={classes.small}>{t("analysis.inFailing")}</h3>
      {in_failing.length === 0 ? (
        <Note>{t("analysis.noTerm")}</Note>
      ) : (
        <ul className={classes.terms}>
          {in_failing.map(({ term, failing, cases, p_adjusted }) => (
            <li key={term} title={t("analysis.p", { p: writeP(p_adjusted, language) })}>
              <b>
                <bdi>{cutText(visibleLine(term), 40)}</bdi>
              </b>
              <small>
                {t("analysis.part", {
                  part: formatCount(failing, language),
                  whole: formatCount(cases, language),
                })}
              </small>
            </li>
          ))}
        </ul>
      )}
      <h3 className={classes.small}>{t("analysis.topTerms")}</h3>
      <ul className={classes.terms}>
        {top.slice(0, TOP).map(({ term, cases }) => (
          <li key={term}>
            <bdi>{cutText(visibleLine(term), 40)}</bdi>
            <small>{formatCount(cases, language)}</small>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** Measured facts that rise or fall together with a metric; nothing here is called a cause. */
export function AssociationsPart({ associations }: { associations: Associations | undefined }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const columns = useAssociationColumns();
  if (!associations) return null;
  const shown = associations.associations.filter(({ is_shown }) => is_shown);
  const count = associations.associations.length;
  return (
    <Panel title={t("analysis.title.associations")} isFlush>
      <div className={classes.lead}>
        <Note>{visibleLine(pickText(associations.note, language))}</Note>
        {shown.length === 0 && (
          <Note>{t("analysis.noAssociation", { count, written: formatCount(count, language) })}</Note>
        )}
      </div>
      {shown.length > 0 && (
        <Table
          label={t("analysis.title.associations")}
          columns={columns}
          rows={shown}
          keyOf={({ factor, metric }) => `${factor} ${metric}`}
        />
      )}
    </Panel>
  );
}

function useAssociationColumns(): TableColumn<Association>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  const factorOf = (name: string) => {
    const known = FACTORS.find((one) => one === name);
    return known ? t(`analysis.factor.${known}`) : cutText(visibleLine(name), 40);
  };
  return [
    {
      ...{ name: "factor", title: t("analysis.column.factor"), isMain: true },
      cell: ({ factor }) => factorOf(factor),
    },
    { name: "metric", title: t("column.metric"), cell: ({ metric }) => titleOf(metric) },
    {
      ...{ name: "rho", title: t("analysis.column.rho"), isLine: true },
      cell: ({ rho, low, high }) => (
        <span className={classes.rho}>
          <b>{formatScoreDifference(rho, "ratio", language)}</b>
          <span>
            <RangeMark value={rho} low={low} high={high} from={-1} to={1} limit={0} />
          </span>
        </span>
      ),
    },
    {
      ...{ name: "p", title: t("slices.column.p"), isLabelled: true, isNumber: true },
      cell: ({ p_adjusted }) => writeP(p_adjusted, language),
    },
    {
      ...{ name: "n", title: t("cases.title"), isLabelled: true, isNumber: true },
      cell: ({ n }) => formatCount(n, language),
    },
  ];
}
