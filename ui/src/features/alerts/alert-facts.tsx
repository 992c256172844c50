import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { AlertDetail } from "@/api/alerts";
import { Labels } from "@/components/alerts/labels";
import { writeLimit } from "@/components/alerts/limits";
import { QuietNote } from "@/components/alerts/quiet-note";
import { RunbookLink } from "@/components/alerts/runbook-link";
import { Age } from "@/components/ui/age";
import { BandMark } from "@/components/ui/band-mark";
import { Fact, Facts, FactsHead, Totals } from "@/components/ui/facts";
import { LongText } from "@/components/ui/long-text";
import { UnitNumber } from "@/components/ui/number";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCount, formatInstant, formatSpan, formatValue, NO_VALUE } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";

const BANDS = ["normal", "warning", "critical", "no_data"] as const;

/** What an alert says: its value and limit first, then whose it is and when it was looked at. */
export function AlertFacts({ alert }: { alert: AlertDetail }) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const limit = writeLimit(alert.limit, alert.unit, language);
  const when = (at: string | null): ReactNode => (at ? <Age at={at} /> : NO_VALUE);
  return (
    <FactsHead>
      <Totals>
        <Fact name={t("facts.value")}>
          <UnitNumber value={alert.value} unit={alert.unit} />
        </Fact>
        <Fact name={t("facts.limit")}>{limit || NO_VALUE}</Fact>
        <Fact name={t("facts.peak")}>{formatValue(alert.peak, alert.unit, language)}</Fact>
        <Fact name={t("facts.since")}>{when(alert.active_since)}</Fact>
        <Fact name={t("facts.fired")}>{when(alert.fired_at)}</Fact>
        {alert.resolved_at && <Fact name={t("facts.resolved")}>{when(alert.resolved_at)}</Fact>}
      </Totals>
      <Facts>
        <Fact name={t("facts.band")}>
          <BandMark band={BANDS.find((known) => known === alert.band) ?? "no_data"} withWord />
        </Fact>
        <Fact name={t("facts.count")}>{formatCount(alert.count, language)}</Fact>
        {alert.window && (
          <Fact name={t("facts.window")}>{formatSpan(alert.window.start, alert.window.end, language)}</Fact>
        )}
        <Fact name={t("facts.evaluated")}>{formatInstant(alert.evaluated_at, language)}</Fact>
        <Fact name={t("facts.rule")}>
          <Link to="/alerts/rules/$name" params={{ name: alert.rule }} search={search}>
            {alert.rule}
          </Link>
        </Fact>
        {alert.where && (
          <Fact name={t("facts.where")}>
            <code className="pw-mono">{visibleLine(alert.where)}</code>
          </Fact>
        )}
        {alert.runbook && (
          <Fact name={t("facts.runbook")}>
            <RunbookLink runbook={alert.runbook} />
          </Fact>
        )}
        {Object.keys(alert.labels).length > 0 && (
          <Fact name={t("labels")}>
            <Labels labels={alert.labels} />
          </Fact>
        )}
      </Facts>
      <QuietNote alert={alert} />
      {alert.explanation && <p className="pw-foreign">{pickText(alert.explanation, language)}</p>}
      {alert.error && <LongText text={alert.error} what={t("facts.error")} shown={600} />}
    </FactsHead>
  );
}
