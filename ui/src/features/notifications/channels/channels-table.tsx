import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Channel, useTestChannel } from "@/api/channels";
import { Age } from "@/components/ui/age";
import { BandMark } from "@/components/ui/band-mark";
import { Table, type TableColumn } from "@/components/ui/table";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { NO_VALUE } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import classes from "../notifications.module.css";
import { KINDS } from "./model";
import { TestResult } from "./test-result";

interface ChannelsTableProps {
  channels: readonly Channel[];
  onEdit: (channel: Channel) => void;
}

export function ChannelsTable({ channels, onEdit }: ChannelsTableProps) {
  const { t } = useTranslation("notifications");
  const columns: TableColumn<Channel>[] = [
    { isMain: true, name: "name", title: t("channel.name"), cell: (channel) => <Name channel={channel} /> },
    {
      ...{ name: "kind", title: t("channel.kind"), isLine: true, isWide: true },
      cell: ({ kind }) => t(`channel.kinds.${KINDS.find((known) => known === kind) ?? "webhook"}`),
    },
    { name: "condition", title: t("channel.condition"), cell: (channel) => <Condition channel={channel} /> },
    {
      ...{ name: "delivered", title: t("channel.delivered"), isLine: true, isWide: true },
      cell: ({ condition }) => (condition.delivered_at ? <Age at={condition.delivered_at} /> : NO_VALUE),
    },
    {
      ...{ name: "fallback", title: t("channel.fallback"), isLine: true, isWide: true },
      cell: ({ fallback }) => fallback ?? NO_VALUE,
    },
    {
      ...{ name: "actions", title: t("actions"), isTitleHidden: true },
      cell: (channel) => <Actions channel={channel} onEdit={onEdit} />,
    },
  ];
  return <Table label={t("view.channels")} columns={columns} rows={channels} keyOf={({ name }) => name} />;
}

function Name({ channel }: { channel: Channel }) {
  const { t } = useTranslation("notifications");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <div className={classes.stack}>
      <Link
        to="/notifications"
        search={{ ...search, view: "deliveries", channel: channel.name }}
        title={t("channel.deliveries")}
      >
        {channel.name}
      </Link>
      <span className={classes.faint}>
        {[
          visibleLine(channel.url),
          channel.has_secret && t("channel.signed"),
          channel.origin === "settings" && t("channel.ofSettings"),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </div>
  );
}

const BANDS = { ok: "normal", unused: "no_data", failing: "warning", down: "critical" } as const;

function Condition({ channel }: { channel: Channel }) {
  const { t } = useTranslation("notifications");
  if (!channel.is_enabled) return <span className={classes.faint}>{t("channel.off")}</span>;
  const { status, error, failures } = channel.condition;
  return (
    <div className={classes.stack}>
      <span className={classes.condition}>
        <BandMark band={BANDS[status]} />
        {t(`channel.status.${status}`)}
        {failures > 0 && ` · ${t("channel.failures", { count: failures })}`}
      </span>
      {error && <span className={classes.faint}>{cutText(visibleLine(error), 200)}</span>}
    </div>
  );
}

function Actions({ channel, onEdit }: { channel: Channel; onEdit: (channel: Channel) => void }) {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const test = useTestChannel(scope);
  return (
    <div className={classes.actions}>
      <TestResult delivery={test.data ?? null} error={test.error} />
      <Button
        variant="default"
        loading={test.isPending}
        aria-label={t("channel.testOf", { name: channel.name })}
        onClick={() => test.mutate(channel.name)}
      >
        {t("channel.test")}
      </Button>
      <Tooltip label={t("channel.edit")}>
        <ActionIcon
          size="sm"
          aria-label={t("channel.editOf", { name: channel.name })}
          onClick={() => onEdit(channel)}
        >
          <IconPencil size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
