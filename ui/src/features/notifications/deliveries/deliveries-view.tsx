import { Button, Modal, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { channelsQuery } from "@/api/channels";
import { type Delivery, deliveriesQuery, deliveryQuery } from "@/api/deliveries";
import { LongText } from "@/components/ui/long-text";
import { MoreButton } from "@/components/ui/more-button";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { readNotificationsSearch } from "../search";
import { Attempts } from "./attempts";
import { DeliveriesTable } from "./deliveries-table";

/** What was sent and what became of it, with every attempt. */
export function DeliveriesView() {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const { search, change } = usePageSearch(readNotificationsSearch);
  const query = useInfiniteQuery(deliveriesQuery(scope, { channel: search.channel }));
  const channels = useQuery(channelsQuery(scope));
  const [opened, setOpened] = useState<Delivery | null>(null);
  const names = (channels.data ?? []).map(({ name }) => name);
  return (
    <Panel
      title={t("view.deliveries")}
      actions={
        <Select
          aria-label={t("delivery.channel")}
          placeholder={t("delivery.anyChannel")}
          clearable
          w={180}
          data={search.channel && !names.includes(search.channel) ? [search.channel, ...names] : names}
          value={search.channel ?? null}
          onChange={(channel) => change({ channel: channel ?? undefined })}
        />
      }
      isFlush
    >
      <QueryView query={query} height={320} skeletonRows={8}>
        {(data) => {
          const deliveries = data.pages.flatMap((page) => page.deliveries);
          if (deliveries.length > 0) return <DeliveriesTable deliveries={deliveries} onOpen={setOpened} />;
          return (
            <EmptyState
              title={t("delivery.none")}
              action={
                search.channel && (
                  <Button variant="default" onClick={() => change({ channel: undefined })}>
                    {t("delivery.all")}
                  </Button>
                )
              }
            >
              {t("delivery.noneText")}
            </EmptyState>
          );
        }}
      </QueryView>
      <MoreButton query={query} />
      <Modal
        opened={opened !== null}
        onClose={() => setOpened(null)}
        size="lg"
        title={opened?.title ?? t("delivery.title")}
        closeButtonProps={{ "aria-label": t("close") }}
      >
        {opened && <Whole id={opened.id} />}
      </Modal>
    </Panel>
  );
}

function Whole({ id }: { id: string }) {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const query = useQuery(deliveryQuery(scope, id));
  return (
    <QueryView query={query} height={160}>
      {(delivery) => (
        <>
          {delivery.template_error && <Note>{delivery.template_error}</Note>}
          {delivery.text ? (
            <LongText text={delivery.text} what={t("delivery.text")} shown={4000} />
          ) : (
            <Note>{t("delivery.noText")}</Note>
          )}
          <Attempts attempts={delivery.attempts} />
        </>
      )}
    </QueryView>
  );
}
