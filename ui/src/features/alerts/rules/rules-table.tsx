import { Switch } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type AlertRule, useSwitchRule } from "@/api/alert-rules";
import { CURRENT_STATES } from "@/api/alerts";
import { SeverityMark } from "@/components/alerts/severity-mark";
import { StateMark } from "@/components/alerts/state-mark";
import { Age } from "@/components/ui/age";
import { ErrorState } from "@/components/ui/states";
import { Table, type TableColumn } from "@/components/ui/table";
import { pickText, useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCount, formatDuration } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import classes from "./rules-table.module.css";

/** Kinds whose limits say how bad it is. */
const WITH_LEVELS = new Set(["bands", "threshold", "change", "burn_rate"]);
const KINDS = ["bands", "threshold", "change", "absent", "anomaly", "burn_rate", "compound"] as const;

export function RulesTable({ rules }: { rules: readonly AlertRule[] }) {
  const { t } = useTranslation("alerts");
  const { scope } = usePageState();
  const switching = useSwitchRule(scope);
  const columns: TableColumn<AlertRule>[] = [
    {
      ...{ name: "enabled", title: t("rules.on"), isLine: true, width: 56 },
      cell: (rule) => (
        <OnOff
          rule={rule}
          isPending={switching.isPending}
          onChange={(isEnabled) => switching.mutate({ name: rule.name, isEnabled })}
        />
      ),
    },
    { isMain: true, name: "rule", title: t("rules.rule"), cell: (rule) => <What rule={rule} /> },
    {
      ...{ name: "kind", title: t("rules.kind"), isLine: true, isWide: true },
      cell: ({ kind }) => t(`kind.${KINDS.find((known) => known === kind) ?? "unknown"}`),
    },
    {
      ...{ name: "severity", title: t("column.severity"), isLine: true, isWide: true },
      cell: ({ severity, kind }) =>
        severity === null && WITH_LEVELS.has(kind) ? (
          <span className={classes.faint}>{t("rules.byLevel")}</span>
        ) : (
          <SeverityMark severity={severity ?? "warning"} withWord />
        ),
    },
    { name: "states", title: t("rules.now"), cell: (rule) => <Now rule={rule} /> },
    {
      ...{ name: "evaluated", title: t("facts.evaluated"), isLine: true, isWide: true },
      cell: (rule) => <Evaluation rule={rule} />,
    },
    {
      ...{ name: "origin", title: t("rules.origin"), isLine: true, isWide: true },
      cell: ({ origin, pack }) => (origin === "team" ? t("rules.team") : t(`rules.${origin}`, { pack })),
    },
  ];
  return (
    <>
      {switching.isError && <ErrorState error={switching.error} />}
      <Table label={t("rules.title")} columns={columns} rows={rules} keyOf={({ name }) => name} />
    </>
  );
}

interface OnOffProps {
  rule: AlertRule;
  isPending: boolean;
  onChange: (isEnabled: boolean) => void;
}

function OnOff({ rule, isPending, onChange }: OnOffProps) {
  const { t } = useTranslation("alerts");
  const title = pickText(rule.title, useLanguage());
  return (
    <Switch
      size="xs"
      aria-label={t("rules.switch", { title })}
      checked={rule.is_enabled}
      disabled={isPending}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

function What({ rule }: { rule: AlertRule }) {
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const description = visibleLine(pickText(rule.description, language));
  return (
    <div className={classes.what}>
      <span className={classes.names}>
        <Link to="/alerts/rules/$name" params={{ name: rule.name }} search={search}>
          {visibleLine(pickText(rule.title, language)) || rule.name}
        </Link>
        <code className="pw-mono">{rule.name}</code>
      </span>
      {description && <span className={classes.description}>{cutText(description, 160)}</span>}
      {[...rule.problems, ...rule.notices].map((problem) => {
        const text = visibleLine(pickText(problem, language));
        return (
          <span key={text} className={classes.problem}>
            {cutText(text, 300)}
          </span>
        );
      })}
    </div>
  );
}

/** How many of its alerts are in states that people have to know of. */
function Now({ rule }: { rule: AlertRule }) {
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const states = CURRENT_STATES.filter((state) => (rule.states[state] ?? 0) > 0);
  return (
    <span className={classes.now}>
      {states.map((state) => (
        <Link key={state} to="/alerts" search={{ ...search, state, rule: rule.name }}>
          <StateMark state={state} severity={rule.severity} />{" "}
          <b>{formatCount(rule.states[state] ?? 0, language)}</b>
        </Link>
      ))}
    </span>
  );
}

function Evaluation({ rule }: { rule: AlertRule }) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const { evaluation } = rule;
  if (!evaluation) return <span className={classes.faint}>{t("rules.never")}</span>;
  return (
    <span className={classes.evaluation}>
      <Age at={evaluation.at} />
      <span className={classes.faint}>
        {t("rules.series", { count: evaluation.series, written: formatCount(evaluation.series, language) })} ·{" "}
        {formatDuration(evaluation.duration_ms, language)}
      </span>
      {evaluation.dropped_series > 0 && (
        <span className={classes.problem}>
          {t("rules.dropped", { written: formatCount(evaluation.dropped_series, language) })}
        </span>
      )}
      {evaluation.error && (
        <span className={classes.problem}>{cutText(visibleLine(evaluation.error), 160)}</span>
      )}
    </span>
  );
}
