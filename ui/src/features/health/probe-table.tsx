import { ActionIcon } from "@mantine/core";
import { IconPencil, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Probe, useRunProbe } from "@/api/probes";
import { Age } from "@/components/ui/age";
import { type DataColumn, DataTable } from "@/components/ui/data-table";
import { ForeignName } from "@/components/ui/foreign-name";
import { ErrorState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatDuration, formatPercent, NO_VALUE } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import classes from "./health.module.css";
import { HistoryStrip } from "./history-strip";
import { ProbeMark } from "./status";

interface ProbeTableProps {
  probes: readonly Probe[];
  chosen: string | undefined;
  onEdit: (probe: Probe) => void;
  onRemove: (probe: Probe) => void;
}

/** Probes, one a row. */
export function ProbeTable({ probes, chosen, onEdit, onRemove }: ProbeTableProps) {
  const { t } = useTranslation("health");
  const { scope } = usePageState();
  const run = useRunProbe(scope);
  const running = run.isPending ? run.variables : undefined;
  const columns = useColumns();
  const actions: DataColumn<Probe> = {
    ...{ name: "actions", title: t("column.actions"), isTitleHidden: true, isNumber: true },
    cell: (probe) => (
      <Actions
        probe={probe}
        isRunning={running === probe.name}
        onRun={() => run.mutate(probe.name)}
        onEdit={() => onEdit(probe)}
        onRemove={() => onRemove(probe)}
      />
    ),
  };
  return (
    <>
      {run.isError && <ErrorState error={run.error} />}
      <DataTable
        label={t("title")}
        columns={[...columns, actions]}
        rows={probes}
        keyOf={({ name }) => name}
        isCurrent={({ name }) => name === chosen}
      />
    </>
  );
}

function useColumns(): DataColumn<Probe>[] {
  const { t } = useTranslation("health");
  const language = useLanguage();
  const uptime = (range: "24h" | "7d"): DataColumn<Probe> => ({
    ...{ name: range, title: t(`column.uptime.${range}`), isNumber: true, isWide: range === "7d" },
    cell: (probe) => {
      const share = probe.uptime[range] ?? null;
      return share === null ? NO_VALUE : formatPercent(share, language);
    },
  });
  return [
    { ...{ name: "name", title: t("column.name") }, cell: (probe) => <ProbeLink probe={probe} /> },
    {
      ...{ name: "status", title: t("column.status") },
      cell: (probe) => (probe.is_enabled ? <ProbeMark status={probe.status} /> : t("off")),
    },
    { ...{ name: "kind", title: t("column.kind"), isWide: true }, cell: ({ kind }) => kind },
    {
      ...{ name: "target", title: t("column.target"), isWide: true },
      cell: ({ target }) => <ForeignName text={target} length={48} />,
    },
    {
      ...{ name: "latency", title: t("column.latency"), isNumber: true },
      cell: ({ last }) => formatDuration(last?.latency_ms, language),
    },
    uptime("24h"),
    uptime("7d"),
    {
      ...{ name: "history", title: t("column.history"), isWide: true },
      cell: ({ history }) => (history.length ? <HistoryStrip history={history} /> : t("neverRun")),
    },
    {
      ...{ name: "last", title: t("column.last"), isWide: true },
      cell: ({ last }) => (last ? <Age at={last.at} /> : NO_VALUE),
    },
  ];
}

function ProbeLink({ probe }: { probe: Probe }) {
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Link to="/health" search={{ ...search, probe: probe.name }} resetScroll={false} activeProps={{}}>
      <ForeignName text={probe.name} length={40} />
    </Link>
  );
}

interface ActionsProps {
  probe: Probe;
  isRunning: boolean;
  onRun: () => void;
  onEdit: () => void;
  onRemove: () => void;
}

function Actions({ probe, isRunning, onRun, onEdit, onRemove }: ActionsProps) {
  const { t } = useTranslation("health");
  const { name } = probe;
  const isOfTeam = probe.origin === "team";
  return (
    <span className={classes.actions}>
      <ActionIcon size="sm" aria-label={t("probe.run", { name })} loading={isRunning} onClick={onRun}>
        <IconPlayerPlay size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon size="sm" aria-label={t("probe.edit", { name })} onClick={onEdit}>
        <IconPencil size={14} aria-hidden />
      </ActionIcon>
      {isOfTeam && (
        <ActionIcon size="sm" aria-label={t("probe.remove", { name })} onClick={onRemove}>
          <IconTrash size={14} aria-hidden />
        </ActionIcon>
      )}
    </span>
  );
}
