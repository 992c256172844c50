import { useTranslation } from "react-i18next";
import type { Severity } from "@/api/alerts";
import classes from "./marks.module.css";

/** How bad it is, as a shape and a word. */
export function SeverityMark({ severity, withWord = false }: { severity: Severity; withWord?: boolean }) {
  const { t } = useTranslation("alerts");
  const word = t(`severity.${severity}`);
  return (
    <span className={classes.mark} data-tone={severity} title={withWord ? undefined : word}>
      <svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">
        <SeverityShape severity={severity} />
      </svg>
      <span className={withWord ? undefined : "pw-visually-hidden"}>{word}</span>
    </span>
  );
}

export function SeverityShape({ severity }: { severity: Severity }) {
  switch (severity) {
    case "critical":
    case "error":
      return <path d="M6 .4 11.6 6 6 11.6.4 6Z" fill="currentColor" />;
    case "warning":
      return <path d="M6 1.2 11.4 10.8H.6Z" fill="currentColor" />;
    case "info":
      return (
        <rect x="2" y="2" width="8" height="8" rx="2" fill="none" stroke="currentColor" strokeWidth="1.6" />
      );
  }
}
