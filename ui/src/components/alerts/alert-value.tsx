import { useTranslation } from "react-i18next";
import type { Alert } from "@/api/alerts";
import { Age } from "@/components/ui/age";
import { useLanguage } from "@/i18n";
import { formatValue } from "@/lib/format";
import { writeLimit } from "./limits";
import classes from "./marks.module.css";

type Valued = Pick<Alert, "value" | "unit" | "limit" | "missing_since">;

/** What an alert's signal is, and what it is judged by. */
export function AlertValue({ alert }: { alert: Valued }) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const limit = writeLimit(alert.limit, alert.unit, language);
  return (
    <span className={classes.value}>
      <b>{formatValue(alert.value, alert.unit, language)}</b>
      {alert.missing_since && (
        <small>
          {t("missingSince")} <Age at={alert.missing_since} />
        </small>
      )}
      {limit && <small>{t("limitOf", { limit })}</small>}
    </span>
  );
}
