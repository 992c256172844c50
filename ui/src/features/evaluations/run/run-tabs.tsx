import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { LinkTabs, tabClass } from "@/components/ui/tabs";
import { keptSearch } from "@/lib/page-state";

/** The pages of a run beside each other. */
export function RunTabs({ runId }: { runId: string }) {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <LinkTabs label={t("run.tabs")}>
      <Link
        to="/evaluations/runs/$runId"
        params={{ runId }}
        search={search}
        className={tabClass}
        activeOptions={{ exact: true, includeSearch: false }}
      >
        {t("run.result")}
      </Link>
      <Link
        to="/evaluations/runs/$runId/analysis"
        params={{ runId }}
        search={search}
        className={tabClass}
        activeOptions={{ includeSearch: false }}
      >
        {t("run.analysis")}
      </Link>
    </LinkTabs>
  );
}
