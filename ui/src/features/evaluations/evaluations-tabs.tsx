import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { LinkTabs, tabClass } from "@/components/ui/tabs";
import { keptSearch } from "@/lib/page-state";

/** The pages of evaluations beside each other. */
export function EvaluationsTabs() {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <LinkTabs label={t("tabs.label")}>
      <Link
        to="/evaluations"
        search={search}
        className={tabClass}
        activeOptions={{ exact: true, includeSearch: false }}
      >
        {t("tabs.runs")}
      </Link>
      <Link
        to="/evaluations/datasets"
        search={search}
        className={tabClass}
        activeOptions={{ includeSearch: false }}
      >
        {t("tabs.datasets")}
      </Link>
      <Link
        to="/evaluations/trends"
        search={search}
        className={tabClass}
        activeOptions={{ includeSearch: false }}
      >
        {t("tabs.trends")}
      </Link>
      <Link
        to="/evaluations/labels"
        search={search}
        className={tabClass}
        activeOptions={{ includeSearch: false }}
      >
        {t("tabs.labels")}
      </Link>
      <Link
        to="/evaluations/missed"
        search={search}
        className={tabClass}
        activeOptions={{ includeSearch: false }}
      >
        {t("tabs.missed")}
      </Link>
      <Link
        to="/evaluations/online"
        search={search}
        className={tabClass}
        activeOptions={{ includeSearch: false }}
      >
        {t("tabs.online")}
      </Link>
    </LinkTabs>
  );
}
