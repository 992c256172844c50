import { Button, Checkbox, Group, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { datasetsQuery } from "@/api/datasets";
import type { EvalRun, PlannedMetric } from "@/api/eval-runs";
import { Age } from "@/components/ui/age";
import { ForeignName } from "@/components/ui/foreign-name";
import { Table, type TableColumn } from "@/components/ui/table";
import { visibleLine } from "@/lib/foreign-text";
import { NO_VALUE } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { useRowKeys } from "@/lib/use-row-keys";
import { RunStanding } from "../run-state";
import { MeanMark, RateMark } from "../score-marks";
import { useMetricNames } from "../use-metric-names";
import classes from "./runs.module.css";

const HEADLINES = 3;

/** The runs with the metrics that most of them share; two that are chosen can be compared. */
export function Runs({ runs }: { runs: readonly EvalRun[] }) {
  const { t } = useTranslation("evals");
  const navigate = useNavigate();
  const search = keptSearch(useSearch({ strict: false }));
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const choose = (id: string) =>
    setChosen((ids) => (ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id].slice(-2)));
  const columns = useRunColumns(runs, chosen, choose);
  const open = (index: number) => {
    const run = runs[index];
    if (run) void navigate({ to: "/evaluations/runs/$runId", params: { runId: run.id }, search });
  };
  const active = useRowKeys(runs.length, open, {
    next: t("keys.next"),
    previous: t("keys.previous"),
    open: t("keys.open"),
    group: t("title"),
  });
  const pair = chosenPair(runs, chosen);
  const compare = () =>
    pair && void navigate({ to: "/evaluations/compare", search: { ...search, a: pair.a, b: pair.b } });
  useShortcut("x", t("keys.choose"), t("title"), () => {
    const run = runs[active ?? -1];
    if (run) choose(run.id);
  });
  useShortcut("c", t("compare.open"), t("title"), compare);
  return (
    <>
      <Table label={t("tabs.runs")} columns={columns} rows={runs} keyOf={({ id }) => id} active={active} />
      <Group className={classes.foot} gap="sm">
        <Button variant="default" disabled={!pair} onClick={compare}>
          {t("compare.open")}
        </Button>
        <Text size="xs" c="dimmed">
          {t("compare.choose", { count: chosen.length })}
        </Text>
      </Group>
    </>
  );
}

/** The two chosen runs, the older one first: what came after is asked about. */
function chosenPair(runs: readonly EvalRun[], chosen: readonly string[]) {
  const [newer, older] = runs.filter(({ id }) => chosen.includes(id));
  return newer && older ? { a: older.id, b: newer.id } : null;
}

function useRunColumns(
  runs: readonly EvalRun[],
  chosen: readonly string[],
  onChoose: (id: string) => void,
): TableColumn<EvalRun>[] {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  const { titleOf } = useMetricNames();
  const headlines = useMemo(() => headlinesOf(runs), [runs]);
  return [
    {
      ...{ name: "choose", title: t("column.choose"), isTitleHidden: true, width: 36 },
      cell: (run) => (
        <Checkbox
          size="xs"
          aria-label={t("compare.chooseRun", { name: visibleLine(run.name) })}
          checked={chosen.includes(run.id)}
          onChange={() => onChoose(run.id)}
        />
      ),
    },
    {
      ...{ name: "name", title: t("column.run"), isMain: true },
      cell: (run) => (
        <span className={classes.name}>
          <Link to="/evaluations/runs/$runId" params={{ runId: run.id }} search={search}>
            <ForeignName text={run.name || run.id} length={60} />
          </Link>
          <DatasetOfRun run={run} />
        </span>
      ),
    },
    { name: "state", title: t("column.state"), isLine: true, cell: (run) => <RunStanding run={run} /> },
    ...headlines.map(
      (metric): TableColumn<EvalRun> => ({
        ...{ name: `metric-${metric}`, title: titleOf(metric), isNumber: true, isLabelled: true },
        cell: ({ summary }) => {
          const found = summary?.metrics[metric];
          return found && <MeanMark summary={found} isShort />;
        },
      }),
    ),
    {
      ...{ name: "passed", title: t("column.passRate"), isNumber: true, isLabelled: true },
      cell: ({ summary }) =>
        summary && (
          <RateMark rate={summary.pass_rate} low={summary.pass_low} high={summary.pass_high} isShort />
        ),
    },
    {
      ...{ name: "judge", title: t("column.judge"), isWide: true },
      cell: ({ plan }) => (plan.judge ? <ForeignName text={plan.judge.model} length={28} /> : NO_VALUE),
    },
    {
      ...{ name: "when", title: t("column.when"), isLine: true },
      cell: (run) => <Age at={run.created_at} />,
    },
    {
      ...{ name: "by", title: t("column.by"), isWide: true },
      cell: ({ created_by }) => <ForeignName text={created_by} length={24} />,
    },
  ];
}

/** The dataset of a run, with its version where that is the newest; the page of the run knows older ones too. */
function DatasetOfRun({ run }: { run: EvalRun }) {
  const { scope } = usePageState();
  const { data } = useInfiniteQuery(datasetsQuery(scope));
  const dataset = data?.pages.flatMap((page) => page.datasets).find(({ name }) => name === run.dataset);
  const isNewest = dataset !== undefined && dataset.latest.id === run.dataset_version_id;
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Link
      to="/evaluations/datasets/$name"
      params={{ name: run.dataset }}
      search={search}
      className={classes.dataset}
    >
      <ForeignName text={run.dataset} length={40} />
      {isNewest && `@${dataset.latest.number}`}
    </Link>
  );
}

/** The metrics that most runs have; those that can fail a case before others. */
function headlinesOf(runs: readonly EvalRun[]): string[] {
  const counts = new Map<string, { metric: PlannedMetric; count: number }>();
  for (const metric of runs.flatMap(({ plan }) => plan.metrics)) {
    const known = counts.get(metric.name);
    counts.set(metric.name, { metric, count: (known?.count ?? 0) + 1 });
  }
  const weight = ({ metric, count }: { metric: PlannedMetric; count: number }) =>
    count + (metric.threshold === null ? 0 : 0.5);
  return [...counts.values()]
    .toSorted((one, other) => weight(other) - weight(one))
    .slice(0, HEADLINES)
    .map(({ metric }) => metric.name);
}
