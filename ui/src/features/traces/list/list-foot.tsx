import { Button, Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { countRows, type RowPages } from "@/api/trace-rows";
import type { Level } from "@/api/traces";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import classes from "./trace-list.module.css";

interface ListFootProps {
  list: RowPages;
  level: Level;
  error: Error | null;
  onRetry: () => void;
}

/** After the last row: more is coming, it could not come, or this is all. */
export function ListFoot({ list, level, error, onRetry }: ListFootProps) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const count = formatCount(countRows(list), language);
  if (error)
    return (
      <div className={classes.foot} role="alert">
        {t("list.nextFailed", { reason: error.message })}
        <Button variant="default" size="compact-xs" onClick={onRetry}>
          {t("list.tryAgain")}
        </Button>
      </div>
    );
  if (list.next)
    return (
      <div className={classes.foot}>
        <Loader size={14} aria-hidden />
        {t("list.loadingMore")}
      </div>
    );
  return <div className={classes.foot}>{t(`list.end.${level}`, { count })}</div>;
}
