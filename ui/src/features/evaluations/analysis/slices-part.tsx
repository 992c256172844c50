import { useTranslation } from "react-i18next";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount, formatScore } from "@/lib/format";
import { DifferenceMark, rangeOf } from "../compare/difference-mark";
import { VerdictMark, writeP } from "../compare/metric-verdicts";
import { useFactNames } from "../use-fact-names";
import { useMetricNames } from "../use-metric-names";
import classes from "./analysis.module.css";
import type { Slice, Slices } from "./parts";

/** Parts of the cases that differ from the rest, tested together; without one, those that came closest. */
export function SlicesPart({ slices }: { slices: Slices | undefined }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const rows = slices?.found.length ? slices.found : (slices?.closest ?? []);
  const columns = useColumns(rows);
  if (!slices) return null;
  const tested = { count: slices.tested, written: formatCount(slices.tested, language) };
  return (
    <Panel anchor="slices" title={t("analysis.title.slices")} note={t("analysis.slicesNote", tested)} isFlush>
      {slices.found.length === 0 && (
        <div className={classes.lead}>
          <Note>{t("analysis.noSlice")}</Note>
        </div>
      )}
      <Table
        label={t("analysis.title.slices")}
        columns={columns}
        rows={rows}
        keyOf={({ fact, value, metric }) => `${fact} ${value} ${metric}`}
      />
    </Panel>
  );
}

function useColumns(rows: readonly Slice[]): TableColumn<Slice>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  const { factOf, factValueOf } = useFactNames();
  const drawn = (slice: Slice) => ({ ...slice, interval: null });
  return [
    {
      ...{ name: "slice", title: t("slices.column.slice"), isMain: true },
      cell: ({ fact, value }) => (
        <bdi>
          {factOf(fact)}: <b>{factValueOf(fact, value)}</b>
        </bdi>
      ),
    },
    { name: "metric", title: t("column.metric"), cell: ({ metric }) => titleOf(metric) },
    {
      ...{ name: "verdict", title: t("comparison.column.verdict"), isLine: true },
      cell: ({ verdict }) => <VerdictMark verdict={verdict} word={t(`analysis.slice.${verdict}`)} />,
    },
    {
      ...{ name: "mean", title: t("analysis.column.mean"), isLabelled: true, isNumber: true },
      cell: ({ mean, unit }) => formatScore(mean, unit, language),
    },
    {
      ...{ name: "rest", title: t("slices.column.rest"), isLabelled: true, isNumber: true },
      cell: ({ rest, unit }) => formatScore(rest, unit, language),
    },
    {
      ...{ name: "difference", title: t("analysis.column.difference"), isLine: true },
      cell: (row) => (
        <DifferenceMark
          {...drawn(row)}
          range={rangeOf(rows.filter(({ unit }) => unit === row.unit).map(drawn))}
          isBare
        />
      ),
    },
    {
      ...{ name: "n", title: t("cases.title"), isLabelled: true, isNumber: true },
      cell: ({ n }) => formatCount(n, language),
    },
    {
      ...{ name: "p", title: t("slices.column.p"), isLabelled: true, isNumber: true },
      cell: ({ p_adjusted }) => writeP(p_adjusted, language),
    },
  ];
}
