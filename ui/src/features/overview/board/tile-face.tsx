import { useTranslation } from "react-i18next";
import type { FailedQuestion } from "@/api/signals";
import { Sparkline } from "@/components/charts/sparkline";
import { BandMark } from "@/components/ui/band-mark";
import { Change, UnitNumber } from "@/components/ui/number";
import { useLanguage } from "@/i18n";
import { formatCount, formatValue, NO_VALUE, writeDifference } from "@/lib/format";
import type { TileData } from "../model/tile-data";
import classes from "./tile-face.module.css";

interface TileFaceProps {
  title: string;
  /** Which time the tile shows where it is not the page's. */
  last: string | null;
  /** Null while no answer came. */
  data: TileData | FailedQuestion | null;
  better: "higher" | "lower" | "neutral";
  /** Why the tile cannot be answered at all, such as a signal that is gone. */
  problem?: string | undefined;
  isStale?: boolean;
  isLarge?: boolean;
}

/** What one sees of a tile: title, value, band, change, sample count and line. */
export function TileFace({ title, last, data, better, problem, isStale, isLarge }: TileFaceProps) {
  const isKnown = data !== null && !("error" in data);
  const band = isKnown ? data.band : "no_data";
  return (
    <div
      className={classes.face}
      data-band={data === null ? undefined : band}
      data-stale={isStale || undefined}
      data-large={isLarge || undefined}
    >
      <div className={classes.head}>
        <span className={classes.title} title={title}>
          {title}
        </span>
        {last && <span className={classes.last}>{last}</span>}
        {data !== null && <BandMark band={band} />}
      </div>
      {problem !== undefined || (data !== null && !isKnown) ? (
        <Problem text={problem ?? (data as FailedQuestion).error.detail} />
      ) : (
        <Numbers data={data as TileData | null} better={better} isLarge={isLarge ?? false} />
      )}
    </div>
  );
}

function Problem({ text }: { text: string }) {
  return (
    <>
      <div className={classes.value}>{NO_VALUE}</div>
      <div className={classes.problem}>{text}</div>
    </>
  );
}

function Numbers({
  data,
  better,
  isLarge,
}: {
  data: TileData | null;
  better: TileFaceProps["better"];
  isLarge: boolean;
}) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const change = data && writeDifference(data.value, data.previous, data.unit, language);
  return (
    <>
      <div className={classes.value}>
        {data ? <UnitNumber value={data.value} unit={data.unit} /> : <span className={classes.blank} />}
      </div>
      <div className={classes.small}>
        {data && change && (
          <Change
            change={change.size}
            written={change.text}
            better={better}
            label={t("tile.previous", { value: formatValue(data.previous, data.unit, language) })}
          />
        )}
        {data && data.value !== null && (
          <span className={classes.count}>
            {t("tile.count", { count: formatCount(data.count, language) })}
          </span>
        )}
        {data && data.value === null && <span className={classes.count}>{t("tile.noData")}</span>}
      </div>
      {data ? (
        <Sparkline values={data.trend} incompleteCount={data.incompleteCount} height={isLarge ? 44 : 28} />
      ) : (
        <span className={classes.blank} style={{ height: isLarge ? 44 : 28 }} />
      )}
    </>
  );
}
