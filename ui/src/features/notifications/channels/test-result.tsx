import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { WholeDelivery } from "@/api/deliveries";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatDuration } from "@/lib/format";
import classes from "../notifications.module.css";

interface TestResultProps {
  delivery: WholeDelivery | null;
  error: Error | null;
}

/** What became of a test. */
export function TestResult({ delivery, error }: TestResultProps) {
  const { t } = useTranslation("notifications");
  const language = useLanguage();
  const said = error?.message ?? (delivery?.state === "delivered" ? null : delivery?.error);
  if (said)
    return (
      <span className={classes.result} role="alert" data-outcome="failed">
        <IconCircleX size={14} aria-hidden />
        {cutText(visibleLine(said), 200)}
      </span>
    );
  if (!delivery) return null;
  const took = delivery.attempts.at(-1)?.duration_ms;
  return (
    <span className={classes.result} role="status">
      <IconCircleCheck size={14} aria-hidden />
      {t("channel.tested", { took: formatDuration(took, language) })}
    </span>
  );
}
