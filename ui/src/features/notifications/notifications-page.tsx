import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "@/components/ui/page";
import { LinkTabs, tabClass } from "@/components/ui/tabs";
import { keptSearch } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { ChannelsView } from "./channels/channels-view";
import { DeliveriesView } from "./deliveries/deliveries-view";
import { MaintenanceView } from "./maintenance/maintenance-view";
import { RoutesView } from "./routes/routes-view";
import { readNotificationsSearch, VIEWS, type View } from "./search";
import { SilencesView } from "./silences/silences-view";

const CONTENTS: Record<View, () => React.ReactNode> = {
  channels: ChannelsView,
  routes: RoutesView,
  silences: SilencesView,
  maintenance: MaintenanceView,
  deliveries: DeliveriesView,
};

/** Who is told of alerts, where, and when not; and what became of it. */
export function NotificationsPage() {
  const { t } = useTranslation("notifications");
  const { search } = usePageSearch(readNotificationsSearch);
  const kept = keptSearch(useSearch({ strict: false }));
  const shown = search.view ?? "channels";
  const Content = CONTENTS[shown];
  return (
    <Page title={t("title")}>
      <LinkTabs label={t("title")}>
        {VIEWS.map((view) => (
          <Link
            key={view}
            to="/notifications"
            search={view === "channels" ? kept : { ...kept, view }}
            className={tabClass}
            // The router would take the address without a view for the beginning of all others.
            activeOptions={{ exact: true, includeSearch: true }}
            activeProps={{}}
            aria-current={view === shown ? "page" : undefined}
          >
            {t(`view.${view}`)}
          </Link>
        ))}
      </LinkTabs>
      <Content />
    </Page>
  );
}
