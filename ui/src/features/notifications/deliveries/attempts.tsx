import { useTranslation } from "react-i18next";
import type { Delivery } from "@/api/deliveries";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatDuration, formatInstant } from "@/lib/format";
import classes from "../notifications.module.css";

/** Every try to deliver, oldest first. */
export function Attempts({ attempts }: { attempts: Delivery["attempts"] }) {
  const { t } = useTranslation("notifications");
  const language = useLanguage();
  if (attempts.length === 0) return null;
  return (
    <ol className={classes.attempts} aria-label={t("delivery.attempts")}>
      {attempts.map(({ at, outcome, status, duration_ms, error }) => (
        <li key={at}>
          {[
            formatInstant(at, language),
            t(`delivery.outcome.${outcome}`),
            status && `HTTP ${status}`,
            duration_ms !== null && formatDuration(duration_ms, language),
            error && cutText(visibleLine(error), 300),
          ]
            .filter(Boolean)
            .join(" · ")}
        </li>
      ))}
    </ol>
  );
}
