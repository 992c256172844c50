/** What a board asks of the server: all of its tiles in one request, all of its charts in another. */

import type { Chart, Tile } from "@/api/boards";
import { type Scope, whereOf } from "@/api/client";
import type { Question, Questions } from "@/api/signals";
import { boundsOf, stepFor, type TimeRange } from "@/lib/time-range";
import { TREND_WINDOWS, timesOf } from "./times";

/** What every question of a page shares. */
export interface PageQuestion {
  scope: Scope;
  range: TimeRange;
  /** Only its day matters. */
  now: Date;
}

export type TilePart = "value" | "previous" | "trend";

/** The name of an answer: the same for the same tile, whatever the range, so that an old answer finds its tile. */
export function tileKey(tile: Tile, part: TilePart): string {
  return JSON.stringify([part, tile.signal, tile.last, tile.where]);
}

export function chartKey(chart: Chart, signal: string): string {
  return JSON.stringify([chart.kind === "share" ? "whole" : "steps", signal, chart.by, chart.where]);
}

export function tileQuestion(tile: Tile, part: TilePart, page: PageQuestion): Question {
  const where = whereOf(page.scope, tile.where);
  return {
    name: tile.signal,
    ...timesOf(tile.last, page.range, page.now)[part],
    ...(where ? { where } : {}),
  };
}

export function tileQuestions(tiles: readonly Tile[], page: PageQuestion): Questions {
  return Object.fromEntries(
    tiles.flatMap((tile) =>
      (["value", "previous", "trend"] as const).map((part) => [
        tileKey(tile, part),
        tileQuestion(tile, part, page),
      ]),
    ),
  );
}

export function chartQuestions(charts: readonly Chart[], page: PageQuestion): Questions {
  const bounds = boundsOf(page.range);
  const step = stepFor(page.range, TREND_WINDOWS);
  return Object.fromEntries(
    charts.flatMap((chart) => {
      const where = whereOf(page.scope, chart.where);
      return chart.signals.map((name): [string, Question] => [
        chartKey(chart, name),
        {
          name,
          ...bounds,
          ...(chart.kind === "share" ? {} : { step }),
          ...(chart.by.length ? { by: chart.by } : {}),
          ...(where ? { where } : {}),
        },
      ]);
    }),
  );
}
