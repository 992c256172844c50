import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Comparison, SliceComparison } from "@/api/eval-comparison";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount, formatScoreDifference, NO_VALUE } from "@/lib/format";
import { useFactNames } from "../use-fact-names";
import { useMetricNames } from "../use-metric-names";
import { DifferenceMark, rangeOf } from "./difference-mark";
import { VerdictMark, writeP } from "./metric-verdicts";

const SHOWN = 8;

/** Parts of the cases that lost or gained, tested together. */
export function SlicesPanel({ comparison: { slices } }: { comparison: Comparison }) {
  const { t } = useTranslation("evals");
  const [isWhole, setWhole] = useState(false);
  const columns = useColumns(slices ?? []);
  if (!slices) return null;
  const shown = isWhole ? slices : slices.slice(0, SHOWN);
  return (
    <Panel title={t("slices.title")} note={t("slices.note")} isFlush={slices.length > 0}>
      {slices.length === 0 && <Note>{t("slices.none")}</Note>}
      {slices.length > 0 && (
        <Table
          label={t("slices.title")}
          columns={columns}
          rows={shown}
          keyOf={({ slice, metric }) => `${slice.fact} ${slice.value} ${metric}`}
        />
      )}
      {slices.length > SHOWN && (
        <Button variant="subtle" m="xs" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? t("slices.fewer") : t("slices.all", { count: slices.length })}
        </Button>
      )}
    </Panel>
  );
}

function useColumns(slices: readonly SliceComparison[]): TableColumn<SliceComparison>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  const { factOf, factValueOf } = useFactNames();
  return [
    {
      ...{ name: "slice", title: t("slices.column.slice"), isMain: true },
      cell: ({ slice }) => (
        <bdi>
          {factOf(slice.fact)}: <b>{factValueOf(slice.fact, slice.value)}</b>
        </bdi>
      ),
    },
    { name: "metric", title: t("column.metric"), cell: ({ metric }) => titleOf(metric) },
    {
      ...{ name: "verdict", title: t("comparison.column.verdict"), isLine: true },
      cell: ({ verdict }) => <VerdictMark verdict={verdict} />,
    },
    {
      ...{ name: "difference", title: t("comparison.column.difference"), isLine: true },
      cell: (row) => (
        <DifferenceMark {...row} range={rangeOf(slices.filter(({ unit }) => unit === row.unit))} />
      ),
    },
    {
      ...{ name: "rest", title: t("slices.column.rest"), isLabelled: true, isNumber: true },
      cell: ({ rest, unit }) => (rest === null ? NO_VALUE : formatScoreDifference(rest, unit, language)),
    },
    {
      ...{ name: "n", title: t("comparison.column.pairs"), isLabelled: true, isNumber: true },
      cell: ({ n }) => formatCount(n, language),
    },
    {
      ...{ name: "p", title: t("slices.column.p"), isLabelled: true, isNumber: true },
      cell: ({ p_adjusted }) => writeP(p_adjusted, language),
    },
  ];
}
