import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Delivery } from "@/api/deliveries";
import { BandMark } from "@/components/ui/band-mark";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCount, formatListTime } from "@/lib/format";
import classes from "../notifications.module.css";

interface DeliveriesTableProps {
  deliveries: readonly Delivery[];
  onOpen: (delivery: Delivery) => void;
}

export function DeliveriesTable({ deliveries, onOpen }: DeliveriesTableProps) {
  const { t } = useTranslation("notifications");
  const language = useLanguage();
  const now = new Date();
  const columns: TableColumn<Delivery>[] = [
    {
      ...{ name: "at", title: t("delivery.at"), isLine: true },
      cell: ({ created_at }) => formatListTime(created_at, language, now),
    },
    { ...{ name: "channel", title: t("delivery.channel"), isLine: true }, cell: ({ channel }) => channel },
    {
      isMain: true,
      name: "what",
      title: t("delivery.what"),
      cell: (delivery) => <What delivery={delivery} />,
    },
    { name: "state", title: t("delivery.state"), cell: (delivery) => <State delivery={delivery} /> },
    {
      ...{ name: "attempts", title: t("delivery.attempts"), isNumber: true, isWide: true },
      cell: ({ attempts }) => formatCount(attempts.length, language),
    },
    {
      ...{ name: "actions", title: t("actions"), isTitleHidden: true, isLine: true },
      cell: (delivery) => (
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={`${t("delivery.open")}: ${visibleLine(delivery.title ?? delivery.id)}`}
          onClick={() => onOpen(delivery)}
        >
          {t("delivery.open")}
        </Button>
      ),
    },
  ];
  return <Table label={t("view.deliveries")} columns={columns} rows={deliveries} keyOf={({ id }) => id} />;
}

const REASONS = [
  "first",
  "new_alerts",
  "all_resolved",
  "new_resolved",
  "repeat_elapsed",
  "held_back",
  "test",
] as const;

function What({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation("notifications");
  const reason = REASONS.find((known) => known === delivery.reason);
  const said = [
    reason ? t(`delivery.reason.${reason}`) : delivery.reason,
    delivery.instead_of && t("delivery.insteadOf", { channel: delivery.instead_of }),
  ];
  return (
    <div className={classes.stack}>
      <span>{cutText(visibleLine(delivery.title ?? ""), 160) || t("delivery.untitled")}</span>
      <span className={classes.faint}>{said.filter(Boolean).join(" · ")}</span>
    </div>
  );
}

const BANDS = {
  delivered: "normal",
  pending: "no_data",
  sending: "no_data",
  diverted: "warning",
  held: "warning",
  failed: "critical",
} as const;

function State({ delivery }: { delivery: Delivery }) {
  const { t } = useTranslation("notifications");
  const language = useLanguage();
  const { state, error, due_at } = delivery;
  return (
    <div className={classes.stack}>
      <span className={classes.condition}>
        <BandMark band={BANDS[state]} />
        {t(`delivery.states.${state}`)}
        {state === "pending" && due_at && ` · ${formatListTime(due_at, language, new Date())}`}
      </span>
      {error && <span className={classes.faint}>{cutText(visibleLine(error), 240)}</span>}
    </div>
  );
}
