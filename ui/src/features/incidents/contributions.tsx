import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Explanation, Incident } from "@/api/incidents";
import { type Stretch, tracesSearch } from "@/components/alerts/links";
import { Bar } from "@/components/charts/bar";
import { ForeignName } from "@/components/ui/foreign-name";
import { pickText, useLanguage } from "@/i18n";
import { formatCount, formatPercent, formatValue } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import classes from "./explanation.module.css";

type Contribution = Explanation["contributions"][number];

interface ContributionsProps {
  contributions: readonly Contribution[];
  unit: string;
  incident: Incident;
  time: Stretch;
}

/** Which values of which dimensions changed most, as ranked bars with their numbers and example traces. */
export function Contributions({ contributions, unit, incident, time }: ContributionsProps) {
  const { t } = useTranslation("incidents");
  return (
    <ol className={classes.contributions} aria-label={t("explanation.parts")}>
      {contributions.map((part) => (
        <li key={`${part.dimension} ${part.value}`}>
          <Part part={part} unit={unit} labels={incident.labels} time={time} />
        </li>
      ))}
    </ol>
  );
}

interface PartProps {
  part: Contribution;
  unit: string;
  labels: Incident["labels"];
  time: Stretch;
}

function Part({ part, unit, labels, time }: PartProps) {
  const { t } = useTranslation("incidents");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  const changeOf = ({ is_outcome, before, now, traffic_before, traffic_now }: Contribution) =>
    // How records ended has no value of its own, only its part of them all.
    is_outcome
      ? t("explanation.part", {
          before: formatValue(traffic_before, "ratio", language),
          now: formatValue(traffic_now, "ratio", language),
        })
      : t("explanation.change", {
          before: formatValue(before, unit, language),
          now: formatValue(now, unit, language),
        });
  const filters = { ...labels, [part.dimension]: part.value };
  return (
    <>
      <div className={classes.line}>
        <Link to="/traces" search={tracesSearch(search, filters, time)} className={classes.name}>
          <span>{pickText(part.title, language)}</span>{" "}
          {part.value ? <ForeignName text={part.value} length={60} /> : t("explanation.noValue")}
        </Link>
        <b>{formatPercent(part.share, language)}</b>
      </div>
      <Bar share={part.share} />
      <div className={classes.detail}>
        <span>{changeOf(part)}</span>
        <span>
          {t("explanation.count", { count: part.count, written: formatCount(part.count, language) })}
        </span>
        {part.without !== null && (
          <span>{t("explanation.without", { value: formatValue(part.without, unit, language) })}</span>
        )}
        <Examples ids={part.example_trace_ids} />
      </div>
    </>
  );
}

/** Traces to look at. */
export function Examples({ ids }: { ids: readonly string[] }) {
  const { t } = useTranslation("incidents");
  const search = keptSearch(useSearch({ strict: false }));
  if (ids.length === 0) return null;
  return (
    <span className={classes.examples}>
      {t("explanation.examples")}
      {ids.map((traceId) => (
        <Link key={traceId} to="/traces/$traceId" params={{ traceId }} search={search} preload={false}>
          <code className="pw-mono">{traceId.slice(0, 8)}</code>
        </Link>
      ))}
    </span>
  );
}
