import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type CostSummary, SPEND_BY, type SpendBy, spendQuery } from "@/api/costs";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { QueryView } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatSpan } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { type Bounds, boundsOf, type TimeRange } from "@/lib/time-range";
import classes from "./costs.module.css";
import type { CostsSearch } from "./search";
import { SpendTable } from "./spend-table";

interface SpendPanelProps {
  search: CostsSearch;
  /** Absent until it is known. */
  month: CostSummary["month"] | undefined;
  onChange: (values: { [Key in keyof CostsSearch]?: CostsSearch[Key] | undefined }) => void;
}

/** Whose spend it is, over the month or the range of the page. */
export function SpendPanel({ search, month, onChange }: SpendPanelProps) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  const { scope, range } = usePageState();
  const by = search.by ?? "model";
  const bounds = boundsFor(search, month, range);
  const query = useQuery({ ...spendQuery(scope, by, bounds ?? {}), enabled: bounds !== null });
  return (
    <Panel
      title={t("spend.title")}
      note={query.data && formatSpan(query.data.since, query.data.until, language)}
      isFlush
    >
      <div className={classes.switches}>
        <SegmentedControl
          size="xs"
          aria-label={t("spend.by")}
          value={by}
          onChange={(value) => onChange({ by: value === "model" ? undefined : (value as SpendBy) })}
          data={SPEND_BY.map((value) => ({ value, label: t(`by.${value}`) }))}
        />
        <SegmentedControl
          size="xs"
          aria-label={t("spend.over")}
          value={search.over ?? "month"}
          onChange={(value) => onChange({ over: value === "range" ? "range" : undefined })}
          data={(["month", "range"] as const).map((value) => ({ value, label: t(`over.${value}`) }))}
        />
      </div>
      <QueryView query={query} height={240} skeletonRows={6}>
        {(spend) =>
          spend.rows.length ? (
            <SpendTable spend={spend} />
          ) : (
            <div className={classes.padded}>
              <Note>{t("spend.none")}</Note>
            </div>
          )
        }
      </QueryView>
    </Panel>
  );
}

function boundsFor(
  search: CostsSearch,
  month: CostSummary["month"] | undefined,
  range: TimeRange,
): Bounds | null {
  if (search.over === "range") return boundsOf(range);
  if (!month) return null;
  const isOver = Date.parse(month.end) <= Date.now();
  return { since: month.start, ...(isOver ? { until: month.end } : {}) };
}
