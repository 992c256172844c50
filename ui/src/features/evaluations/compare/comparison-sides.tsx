import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Comparison } from "@/api/eval-comparison";
import { BandMark } from "@/components/ui/band-mark";
import { ForeignName } from "@/components/ui/foreign-name";
import { NO_VALUE } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import classes from "./compare.module.css";

type Run = Comparison["a"];

/** The two runs beside each other: which one came before, and which one is asked about. */
export function ComparisonSides({ comparison: { a, b } }: { comparison: Comparison }) {
  const { t } = useTranslation("evals");
  return (
    <div className={classes.sides}>
      <Side label={t("comparison.before")} letter="A" run={a} />
      <span className={classes.arrow} aria-hidden="true">
        →
      </span>
      <Side label={t("comparison.after")} letter="B" run={b} />
    </div>
  );
}

function Side({ label, letter, run }: { label: string; letter: "A" | "B"; run: Run }) {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <div className={classes.side}>
      <span className={classes.letter}>{letter}</span>
      <div>
        <small>{label}</small>
        <div className={classes.runName}>
          <Link to="/evaluations/runs/$runId" params={{ runId: run.id }} search={search}>
            <ForeignName text={run.name || run.id} length={60} />
          </Link>
          {!run.is_complete && <BandMark band="warning" withWord word={t("comparison.incomplete")} />}
        </div>
        <small>
          <ForeignName text={run.dataset} length={40} /> · {t("column.judge")}{" "}
          {run.judge ? <ForeignName text={run.judge} length={40} /> : NO_VALUE}
        </small>
      </div>
    </div>
  );
}
