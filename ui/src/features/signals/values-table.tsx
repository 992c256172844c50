import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { SeriesAnswer } from "@/api/signals";
import { BandMark } from "@/components/ui/band-mark";
import { useLanguage } from "@/i18n";
import { formatCount, formatListTime, formatValue } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import { recordsOf, type ValueRecord } from "./records";
import { seriesKey } from "./series";
import type { Explorer } from "./use-explorer";
import { useSeriesNames } from "./use-names";
import classes from "./values-table.module.css";

const ROW = 32;
const HEIGHT = 420;

interface ValuesTableProps {
  explorer: Explorer;
  answer: SeriesAnswer;
}

/** Every value, the newest first; only what is in sight is on the page. */
export function ValuesTable({ explorer, answer }: ValuesTableProps) {
  const { t } = useTranslation("signals");
  const records = useMemo(() => recordsOf(answer), [answer]);
  const nameOf = useSeriesNames(explorer.signal);
  const now = useNow(60_000);
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: records.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 12,
    initialRect: { width: 800, height: HEIGHT },
  });
  const isSplit = answer.series.some(({ labels }) => Object.keys(labels).length > 0);
  const items = rows.getVirtualItems();
  const [above, below] = [items[0]?.start ?? 0, rows.getTotalSize() - (items.at(-1)?.end ?? 0)];
  return (
    <div
      ref={scroll}
      className={classes.scroll}
      style={{ maxHeight: HEIGHT }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it
      tabIndex={0}
      role="group"
      aria-label={t("table.label")}
    >
      <table className={classes.table} aria-label={t("table.label")} aria-rowcount={records.length + 1}>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">{t("table.window")}</th>
            {isSplit && <th scope="col">{t("table.series")}</th>}
            <th scope="col">{t("table.value")}</th>
            <th scope="col">{t("table.count")}</th>
            <th scope="col">{t("table.band")}</th>
            <th scope="col">{t("table.complete")}</th>
          </tr>
        </thead>
        <tbody>
          <Spacer height={above} />
          {items.map(({ index }) => {
            const record = records[index];
            return (
              record && (
                <Row
                  key={`${record.start} ${seriesKey(record)}`}
                  record={record}
                  index={index}
                  explorer={explorer}
                  now={now}
                  name={isSplit ? nameOf(record) : null}
                />
              )
            );
          })}
          <Spacer height={below} />
        </tbody>
      </table>
    </div>
  );
}

/** Stands for the rows out of sight. */
function Spacer({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    <tr>
      <td colSpan={6} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

interface RowProps {
  record: ValueRecord;
  index: number;
  explorer: Explorer;
  now: Date;
  name: string | null;
}

function Row({ record, index, explorer, now, name }: RowProps) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const { signal, change, search } = explorer;
  const of = name === null ? undefined : seriesKey(record);
  return (
    <tr
      aria-rowindex={index + 2}
      data-picked={(search.at === record.start && search.of === of) || undefined}
      data-incomplete={!record.complete || undefined}
    >
      <td>
        <button type="button" title={t("table.pick")} onClick={() => change({ at: record.start, of })}>
          {formatListTime(record.start, language, now)}
        </button>
      </td>
      {name !== null && (
        <td className={classes.series} title={name}>
          {name}
        </td>
      )}
      <td>{formatValue(record.value, signal.unit, language)}</td>
      <td>{formatCount(record.count, language)}</td>
      <td>
        <BandMark band={record.band} withWord />
      </td>
      <td>{record.complete ? t("table.yes") : t("table.notYet")}</td>
    </tr>
  );
}
