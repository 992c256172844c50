import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { LinkTabs, tabClass } from "@/components/ui/tabs";
import { keptSearch } from "@/lib/page-state";

/** Alerts and the rules that make them. */
export function AlertsTabs() {
  const { t } = useTranslation("alerts");
  const search = keptSearch(useSearch({ strict: false }));
  const shared = { search, className: tabClass, activeProps: { "aria-current": "page" } } as const;
  return (
    <LinkTabs label={t("tabs.label")}>
      <Link to="/alerts" activeOptions={{ exact: true, includeSearch: false }} {...shared}>
        {t("tabs.alerts")}
      </Link>
      <Link to="/alerts/rules" activeOptions={{ includeSearch: false }} {...shared}>
        {t("tabs.rules")}
      </Link>
    </LinkTabs>
  );
}
