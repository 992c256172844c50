/** What a tile shows, out of the answers of the server. */

import type { Tile } from "@/api/boards";
import { type Answer, type Answers, type FailedQuestion, hasFailed, type SeriesAnswer } from "@/api/signals";
import type { Band } from "@/components/ui/band-mark";
import { tileKey } from "./questions";

export interface TileData {
  value: number | null;
  unit: string;
  band: Band;
  /** Observations the value rests on. */
  count: number;
  previous: number | null;
  trend: readonly (number | null)[];
  incompleteCount: number;
  since: string;
  until: string;
  /** Time up to which data counts as complete. */
  watermark: string;
  tables: readonly string[];
}

/** A tile's answers; the error if its question has none, null while none came. */
export function readTile(answers: Answers | undefined, tile: Tile): TileData | FailedQuestion | null {
  const value = answers?.[tileKey(tile, "value")];
  if (!value) return null;
  if (hasFailed(value)) return value;
  const trend = seriesOf(answers?.[tileKey(tile, "trend")]);
  return {
    value: numberOf(value),
    unit: value.unit,
    band: bandOf(value),
    count: value.series[0]?.counts.at(-1) ?? 0,
    previous: numberOf(seriesOf(answers?.[tileKey(tile, "previous")])),
    trend: trend?.series[0]?.values ?? [],
    incompleteCount: trend?.complete.filter((isComplete) => !isComplete).length ?? 0,
    since: value.since,
    until: value.until,
    watermark: value.watermark,
    tables: value.tables,
  };
}

function seriesOf(answer: Answer | undefined): SeriesAnswer | null {
  return answer && !hasFailed(answer) ? answer : null;
}

/** A tile's question has one window and one series; without data it has none. */
function numberOf(answer: SeriesAnswer | null): number | null {
  return answer?.series[0]?.values.at(-1) ?? null;
}

/** A value that rests on too few observations has no band, though it has a number. */
function bandOf(answer: SeriesAnswer): Band {
  return answer.series[0]?.bands.at(-1) ?? "no_data";
}
