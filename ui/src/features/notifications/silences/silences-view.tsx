import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Silence, silencesQuery, useEndSilence } from "@/api/silences";
import { ForeignName } from "@/components/ui/foreign-name";
import { Panel } from "@/components/ui/panel";
import { EmptyState, ErrorState, QueryView } from "@/components/ui/states";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCount, formatListTime } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import classes from "../notifications.module.css";
import { NewSilenceDialog } from "./new-silence-dialog";

/** Silences, those in force first; each can be ended now. */
export function SilencesView() {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const query = useQuery(silencesQuery(scope));
  const [isAdding, setAdding] = useState(false);
  return (
    <Panel
      title={t("view.silences")}
      actions={
        <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setAdding(true)}>
          {t("silence.add")}
        </Button>
      }
      isFlush
    >
      <QueryView query={query} height={200} skeletonRows={5}>
        {(silences) =>
          silences.length === 0 ? (
            <EmptyState title={t("silence.none")}>{t("silence.noneText")}</EmptyState>
          ) : (
            <SilencesTable silences={silences} />
          )
        }
      </QueryView>
      <NewSilenceDialog isOpen={isAdding} onClose={() => setAdding(false)} />
    </Panel>
  );
}

const ORDER = ["active", "pending", "ended"] as const satisfies readonly Silence["state"][];

function SilencesTable({ silences }: { silences: readonly Silence[] }) {
  const { t } = useTranslation("notifications");
  const language = useLanguage();
  const { scope } = usePageState();
  const ending = useEndSilence(scope);
  const now = new Date();
  const columns: TableColumn<Silence>[] = [
    {
      ...{ name: "state", title: t("silence.state"), isLine: true },
      cell: ({ state }) => t(`silence.states.${state}`),
    },
    { isMain: true, name: "what", title: t("silence.what"), cell: (silence) => <What silence={silence} /> },
    {
      ...{ name: "until", title: t("silence.until"), isLine: true },
      cell: ({ ends_at }) => formatListTime(ends_at, language, now),
    },
    {
      ...{ name: "by", title: t("silence.by"), isWide: true },
      cell: ({ created_by }) => <ForeignName text={created_by} length={32} />,
    },
    {
      ...{ name: "alerts", title: t("silence.alerts"), isNumber: true, isWide: true },
      cell: ({ alerts }) => formatCount(alerts, language),
    },
    {
      ...{ name: "actions", title: t("actions"), isTitleHidden: true, isLine: true },
      cell: ({ id, state, reason }) =>
        state !== "ended" && (
          <Button
            variant="default"
            aria-label={`${t("silence.end")}: ${visibleLine(reason)}`}
            loading={ending.isPending && ending.variables === id}
            onClick={() => ending.mutate(id)}
          >
            {t("silence.end")}
          </Button>
        ),
    },
  ];
  const ordered = silences.toSorted((one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state));
  return (
    <>
      {ending.isError && <ErrorState error={ending.error} />}
      <Table label={t("view.silences")} columns={columns} rows={ordered} keyOf={({ id }) => id} />
    </>
  );
}

function What({ silence }: { silence: Silence }) {
  return (
    <div className={classes.stack}>
      <span>{visibleLine(silence.reason)}</span>
      <code className="pw-mono">{silence.matchers.map(visibleLine).join(", ")}</code>
    </div>
  );
}
