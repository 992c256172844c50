import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Checklist, checklistsQuery } from "@/api/checks";
import { Page } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { useSearchChange } from "@/lib/use-search-change";
import classes from "./checks.module.css";
import { History } from "./history";
import { ListCard } from "./list-card";
import { ReportPanel } from "./report-panel";
import { RunButton } from "./run-button";
import { type ChecksSearch, readChecksSearch } from "./search";

/** Checklists: what came of each last, run now, and what it was before. */
export function ChecksPage() {
  const { t } = useTranslation("checks");
  const { scope } = usePageState();
  const query = useQuery(checklistsQuery(scope));
  return (
    <Page title={t("title")}>
      <QueryView query={query} height={420} skeletonRows={8}>
        {(lists) =>
          lists.length ? <Lists lists={lists} /> : <EmptyState title={t("none")}>{t("noneHint")}</EmptyState>
        }
      </QueryView>
    </Page>
  );
}

function Lists({ lists }: { lists: readonly Checklist[] }) {
  const { t } = useTranslation("checks");
  const search = readChecksSearch({ ...(useSearch({ strict: false }) as object) });
  const change = useSearchChange<ChecksSearch>();
  const chosen = lists.find(({ name }) => name === search.list) ?? (search.list ? undefined : lists[0]);
  return (
    <>
      <ul className={classes.cards} aria-label={t("lists")}>
        {lists.map((list) => (
          <ListCard key={list.name} list={list} isChosen={list === chosen} />
        ))}
      </ul>
      {chosen ? (
        <>
          <RunButton
            key={chosen.name}
            list={chosen}
            onDone={() => change({ list: chosen.name, report: undefined })}
          />
          <ReportPanel list={chosen} reportId={search.report} />
          <History list={chosen} reportId={search.report ?? chosen.last_report?.id} />
        </>
      ) : (
        <EmptyState title={t("unknown", { list: search.list })}>{t("unknownHint")}</EmptyState>
      )}
    </>
  );
}
