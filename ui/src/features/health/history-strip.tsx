import { useTranslation } from "react-i18next";
import type { Probe, ProbeStatus } from "@/api/probes";
import { useLanguage } from "@/i18n";
import { formatDuration, formatInstant } from "@/lib/format";
import classes from "./health.module.css";

const SHOWN = 40;
const STATUSES = ["up", "degraded", "down", "unknown"] as const satisfies ProbeStatus[];

/** The latest results, newest at the right; worse ones are taller, so that colour alone says nothing. */
export function HistoryStrip({ history }: { history: Probe["history"] }) {
  const { t } = useTranslation("health");
  const language = useLanguage();
  const shown = history.slice(0, SHOWN).reverse();
  const said = STATUSES.map((status) => ({
    status,
    count: shown.filter((result) => result.status === status).length,
  }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${t(`status.${status}`)} ${count}`)
    .join(", ");
  return (
    <span className={classes.strip} role="img" aria-label={t("strip", { count: shown.length, said })}>
      {shown.map(({ at, status, latency_ms }) => (
        <span
          key={at}
          data-status={status}
          title={[
            formatInstant(at, language),
            t(`status.${status}`),
            formatDuration(latency_ms, language),
          ].join(" · ")}
        />
      ))}
    </span>
  );
}
