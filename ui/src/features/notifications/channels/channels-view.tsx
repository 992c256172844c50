import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Channel, channelsQuery } from "@/api/channels";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { ChannelDialog } from "./channel-dialog";
import { ChannelsTable } from "./channels-table";

/** Channels with how they do; a test can be sent through each. */
export function ChannelsView() {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const query = useQuery(channelsQuery(scope));
  /** Null while closed; a new one has no channel yet. */
  const [edited, setEdited] = useState<{ channel: Channel | null } | null>(null);
  const add = () => setEdited({ channel: null });
  const addButton = (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
      {t("channel.add")}
    </Button>
  );
  return (
    <Panel title={t("view.channels")} actions={addButton} isFlush>
      <QueryView query={query} height={200} skeletonRows={5}>
        {(channels) => (
          <>
            {channels.length === 0 ? (
              <EmptyState title={t("channel.none")} action={addButton}>
                {t("channel.noneText")}
              </EmptyState>
            ) : (
              <ChannelsTable channels={channels} onEdit={(channel) => setEdited({ channel })} />
            )}
            <ChannelDialog
              key={edited?.channel?.name ?? ""}
              isOpen={edited !== null}
              channel={edited?.channel ?? null}
              channels={channels}
              onClose={() => setEdited(null)}
            />
          </>
        )}
      </QueryView>
    </Panel>
  );
}
