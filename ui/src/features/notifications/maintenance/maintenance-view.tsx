import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type MaintenanceWindow, maintenanceQuery, useDeleteMaintenance } from "@/api/maintenance";
import { Panel } from "@/components/ui/panel";
import { EmptyState, ErrorState, QueryView } from "@/components/ui/states";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatSpan } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import classes from "../notifications.module.css";
import { MaintenanceDialog } from "./maintenance-dialog";

/** Times in which nobody is told. */
export function MaintenanceView() {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const query = useQuery(maintenanceQuery(scope));
  const [edited, setEdited] = useState<{ window: MaintenanceWindow | null } | null>(null);
  return (
    <Panel
      title={t("view.maintenance")}
      actions={
        <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setEdited({ window: null })}>
          {t("window.add")}
        </Button>
      }
      isFlush
    >
      <QueryView query={query} height={200} skeletonRows={5}>
        {(windows) =>
          windows.length === 0 ? (
            <EmptyState title={t("window.none")}>{t("window.noneText")}</EmptyState>
          ) : (
            <WindowsTable windows={windows} onEdit={(window) => setEdited({ window })} />
          )
        }
      </QueryView>
      <MaintenanceDialog
        key={edited?.window?.name ?? ""}
        isOpen={edited !== null}
        window={edited?.window ?? null}
        onClose={() => setEdited(null)}
      />
    </Panel>
  );
}

interface WindowsTableProps {
  windows: readonly MaintenanceWindow[];
  onEdit: (window: MaintenanceWindow) => void;
}

function WindowsTable({ windows, onEdit }: WindowsTableProps) {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const deletion = useDeleteMaintenance(scope);
  const columns: TableColumn<MaintenanceWindow>[] = [
    {
      ...{ name: "state", title: t("window.state"), isLine: true },
      cell: ({ is_open }) => (is_open ? <b>{t("window.open")}</b> : t("window.closed")),
    },
    { isMain: true, name: "what", title: t("window.what"), cell: (window) => <What window={window} /> },
    { name: "when", title: t("window.when"), cell: (window) => <When window={window} /> },
    {
      ...{ name: "actions", title: t("actions"), isTitleHidden: true, isLine: true },
      cell: (window) => (
        <span className={classes.actions}>
          <Tooltip label={t("window.edit")}>
            <ActionIcon
              size="sm"
              aria-label={`${t("window.edit")}: ${window.name}`}
              onClick={() => onEdit(window)}
            >
              <IconPencil size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t("window.delete")}>
            <ActionIcon
              size="sm"
              aria-label={`${t("window.delete")}: ${window.name}`}
              loading={deletion.isPending && deletion.variables === window.name}
              onClick={() => deletion.mutate(window.name)}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </span>
      ),
    },
  ];
  return (
    <>
      {deletion.isError && <ErrorState error={deletion.error} />}
      <Table label={t("view.maintenance")} columns={columns} rows={windows} keyOf={({ name }) => name} />
    </>
  );
}

function What({ window }: { window: MaintenanceWindow }) {
  const { t } = useTranslation("notifications");
  const { matchers, name, reason } = window;
  return (
    <div className={classes.stack}>
      <span>{visibleLine(reason)}</span>
      <span className={classes.faint}>
        {name} · {matchers.length ? matchers.map(visibleLine).join(", ") : t("window.all")}
      </span>
    </div>
  );
}

function When({ window }: { window: MaintenanceWindow }) {
  const { t } = useTranslation("notifications");
  const language = useLanguage();
  const { starts_at, ends_at, days, begins, ends, time_zone } = window;
  if (starts_at && ends_at) return <>{formatSpan(starts_at, ends_at, language)}</>;
  const names = (days ?? []).map((day) => t(`day.${day as "mon"}`)).join(" ");
  return (
    <>
      {names} {begins}–{ends} <span className={classes.faint}>{time_zone}</span>
    </>
  );
}
