import { IconBellOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Alert } from "@/api/alerts";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatListTime } from "@/lib/format";
import classes from "./alerts-table.module.css";

type Quieted = Pick<Alert, "silenced_by" | "inhibited_by" | "muted_by">;

/** Why nobody is told of an alert. */
export function QuietNote({ alert }: { alert: Quieted }) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const [silence] = alert.silenced_by;
  if (silence) {
    const reason = cutText(visibleLine(silence.reason), 120);
    const until = silence.until && formatListTime(silence.until, language, new Date());
    return (
      <span className={classes.quiet}>
        <IconBellOff size={13} aria-hidden />
        {until ? t("silencedUntil", { until, reason }) : t("silenced", { reason })}
      </span>
    );
  }
  if (alert.muted_by.length > 0)
    return (
      <span className={classes.quiet}>
        <IconBellOff size={13} aria-hidden />
        {t("muted", { names: alert.muted_by.join(", ") })}
      </span>
    );
  if (alert.inhibited_by.length === 0) return null;
  return (
    <span className={classes.quiet}>
      <IconBellOff size={13} aria-hidden />
      {t("inhibited", { count: alert.inhibited_by.length })}
    </span>
  );
}
