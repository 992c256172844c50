import { Button } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { TrendRun } from "@/api/eval-trends";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatInstant, formatPercent, formatScore } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import classes from "./trends.module.css";

interface RunStripProps {
  /** The run that the pointer or the focus is at. */
  looked: TrendRun | undefined;
  a: TrendRun | undefined;
  b: TrendRun | undefined;
  onClear: () => void;
}

/** What is at hand: the run under the pointer, else those that are chosen and where they lead. */
export function RunStrip({ looked, a, b, onClear }: RunStripProps) {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  const isChosen = a !== undefined || b !== undefined;
  const shown = looked ?? (a && b ? undefined : (a ?? b));
  return (
    <div className={classes.strip}>
      <div className={classes.shown}>
        {shown && <ShownRun run={shown} />}
        {!shown && a && b && (
          <>
            <b>{"A"}</b> <RunLink run={a} /> <span aria-hidden="true">{"→"}</span> <b>{"B"}</b>{" "}
            <RunLink run={b} />
          </>
        )}
        {!shown && !isChosen && <span className={classes.hint}>{t("trends.hint")}</span>}
        {!looked && (a || b) && !(a && b) && <span className={classes.hint}>{t("trends.second")}</span>}
      </div>
      <div className={classes.deeds}>
        {a && b && (
          <Button
            size="compact-sm"
            renderRoot={(props) => (
              <Link to="/evaluations/compare" search={{ ...search, a: a.id, b: b.id }} {...props} />
            )}
          >
            {t("compare.open")}
          </Button>
        )}
        {isChosen && (
          <Button size="compact-sm" variant="subtle" onClick={onClear}>
            {t("trends.clear")}
          </Button>
        )}
      </div>
    </div>
  );
}

function RunLink({ run }: { run: TrendRun }) {
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Link to="/evaluations/runs/$runId" params={{ runId: run.id }} search={search}>
      <ForeignName text={run.name || run.id} length={40} />
    </Link>
  );
}

function ShownRun({ run }: { run: TrendRun }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { point, passing } = run;
  return (
    <>
      <RunLink run={run} />
      <span>{formatInstant(run.at, language)}</span>
      {point && (
        <span>
          <b>{formatScore(point.mean, point.unit, language)}</b>
          {point.low !== null && point.high !== null && (
            <small>
              {" "}
              {formatScore(point.low, point.unit, language)}
              {" – "}
              {formatScore(point.high, point.unit, language)}
            </small>
          )}
        </span>
      )}
      {passing && <span>{t("trends.passing", { rate: formatPercent(passing.pass_rate, language) })}</span>}
    </>
  );
}
