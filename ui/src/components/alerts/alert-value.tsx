import { useTranslation } from "react-i18next";
import type { ListedAlert } from "@/api/alerts";
import { useLanguage } from "@/i18n";
import { formatValue } from "@/lib/format";
import { writeLimit } from "./limits";
import classes from "./marks.module.css";

type Valued = Pick<ListedAlert, "value" | "unit" | "limit">;

/** What an alert's signal is, and what it is judged by. */
export function AlertValue({ alert }: { alert: Valued }) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const limit = writeLimit(alert.limit, alert.unit, language);
  return (
    <span className={classes.value}>
      <b>{formatValue(alert.value, alert.unit, language)}</b>
      {limit && <small>{t("limitOf", { limit })}</small>}
    </span>
  );
}
