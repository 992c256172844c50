import { useTranslation } from "react-i18next";
import { type EvalRun, isUnderWay, type RunState } from "@/api/eval-runs";
import { type Band, BandMark } from "@/components/ui/band-mark";
import { useLanguage } from "@/i18n";
import { formatCount, formatDuration, formatNumber } from "@/lib/format";
import classes from "./run-state.module.css";

const BANDS: Readonly<Record<RunState, Band>> = {
  queued: "no_data",
  running: "normal",
  finished: "normal",
  stopped: "warning",
  failed: "critical",
  cancelled: "no_data",
  interrupted: "warning",
};

export function RunStateMark({ state }: { state: RunState }) {
  const { t } = useTranslation("evals");
  return <BandMark band={BANDS[state]} withWord word={t(`state.${state}`)} />;
}

/** How a run stands, and how far it is while it is under way. */
export function RunStanding({ run }: { run: EvalRun }) {
  return isUnderWay(run) ? (
    <span className={classes.standing}>
      <RunStateMark state={run.state} />
      <RunProgress run={run} />
    </span>
  ) : (
    <RunStateMark state={run.state} />
  );
}

/** A bar with what is done, how fast it goes and how long it will take. */
export function RunProgress({ run: { progress, name } }: { run: EvalRun }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { cases, cases_done, seconds } = progress;
  const rate = seconds > 0 && cases_done > 0 ? cases_done / seconds : null;
  const left = rate ? formatDuration(((cases - cases_done) / rate) * 1000, language) : null;
  const done = t("progress.done", {
    done: formatCount(cases_done, language),
    cases: formatCount(cases, language),
  });
  return (
    <span className={classes.progress}>
      <progress max={Math.max(cases, 1)} value={cases_done} aria-label={t("progress.label", { name })} />
      <span className={classes.numbers}>
        {done}
        {rate !== null && ` · ${t("progress.rate", { rate: formatNumber(rate * 60, language) })}`}
        {left !== null && ` · ${t("progress.left", { left })}`}
      </span>
    </span>
  );
}
