import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Checklist } from "@/api/checks";
import { Age } from "@/components/ui/age";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch } from "@/lib/page-state";
import classes from "./checks.module.css";
import { CheckMark } from "./status";

/** One list in short: what came of it last, and when. */
export function ListCard({ list, isChosen }: { list: Checklist; isChosen: boolean }) {
  const { t } = useTranslation("checks");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  const { last_report } = list;
  return (
    <li>
      <Link
        to="/checks"
        search={{ ...keptSearch(search), list: list.name }}
        className={classes.card}
        aria-current={isChosen || undefined}
      >
        <span className={classes.name}>{pickText(list.title, language)}</span>
        <span className={classes.last}>
          <CheckMark status={last_report?.status ?? "never"} />
          {last_report && <Age at={last_report.at} />}
        </span>
        <span className={classes.faint}>{t("items", { count: list.items.length })}</span>
      </Link>
    </li>
  );
}
