import { useTranslation } from "react-i18next";
import type { AlertState, Severity } from "@/api/alerts";
import classes from "./marks.module.css";
import { SeverityShape } from "./severity-mark";

interface StateMarkProps {
  state: AlertState;
  /** Colours what fires; the other states have their own look. Null where alerts of several are meant. */
  severity?: Severity | null;
  isFlapping?: boolean;
}

/** Where an alert stands, as a shape and a word. */
export function StateMark({ state, severity = null, isFlapping = false }: StateMarkProps) {
  const { t } = useTranslation("alerts");
  return (
    <span className={classes.mark} data-tone={toneOf(state, severity)}>
      <svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">
        <StateShape state={state} severity={severity} />
      </svg>
      {t(`state.${state}`)}
      {isFlapping && ` · ${t("flapping")}`}
    </span>
  );
}

function toneOf(state: AlertState, severity: Severity | null): string {
  if (state === "firing") return severity ?? "firing";
  if (state === "error") return "warning";
  return state === "no_data" ? "no_data" : "normal";
}

const STROKE = { fill: "none", stroke: "currentColor", strokeWidth: 1.6, strokeLinecap: "round" } as const;

function StateShape({ state, severity }: { state: AlertState; severity: Severity | null }) {
  switch (state) {
    case "firing":
      return <SeverityShape severity={severity ?? "critical"} />;
    case "pending":
      return <path d="M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M6 3.6V6l1.8 1.2" {...STROKE} />;
    case "recovering":
      return <path d="M1.5 3 6 7.5 8 5.8l2.5 3.4M10.5 6.4v2.8H7.7" {...STROKE} />;
    case "no_data":
      return <circle cx="6" cy="6" r="4.4" strokeDasharray="2.2 1.6" {...STROKE} />;
    case "error":
      return <path d="M2.5 2.5l7 7m0-7-7 7" {...STROKE} />;
    case "resolved":
      return <path d="m2 6.4 2.8 2.8L10 3.4" {...STROKE} />;
    case "inactive":
      return <circle cx="6" cy="6" r="2.6" fill="currentColor" opacity="0.55" />;
  }
}
