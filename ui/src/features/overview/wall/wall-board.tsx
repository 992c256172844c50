import { useElementSize, useMediaQuery } from "@mantine/hooks";
import type { CSSProperties } from "react";
import { useTranslation } from "react-i18next";
import type { Board, Chart } from "@/api/boards";
import { ErrorState, StaleNote } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { problemsAt } from "../board/board-view";
import { ChartBody } from "../board/chart-body";
import { titleOf } from "../board/tile-card";
import { TileFace } from "../board/tile-face";
import { useBoardAnswers, useSignals, useWriting } from "../board/use-board-data";
import { readTile } from "../model/tile-data";
import classes from "./wall-board.module.css";

const GAP = 12;
/** Title, padding and legend of a chart. */
const AROUND_CHART = 72;
const SMALLEST_CHART = 110;
const SCROLLED_CHART = 180;

/** A board that fills the screen, to be read from across the room. */
export function WallBoard({ board }: { board: Board }) {
  const { tiles, charts } = useBoardAnswers(board);
  const failed = [tiles, charts].find((query) => query.isError);
  if (failed && !tiles.data && !charts.data)
    return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  return (
    <>
      {failed && <StaleNote since={tiles.dataUpdatedAt} />}
      <WallTiles board={board} answers={tiles} />
      {board.charts.length > 0 && <WallCharts board={board} answers={charts} />}
    </>
  );
}

interface PartProps {
  board: Board;
  answers: ReturnType<typeof useBoardAnswers>["tiles"];
}

function WallTiles({ board, answers }: PartProps) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const signals = useSignals();
  return (
    <ul
      className={classes.tiles}
      style={{ "--columns": tileColumns(board.tiles.length) } as CSSProperties}
      aria-label={t("board.tiles")}
    >
      {board.tiles.map((tile, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a tile is its place; two may be alike
        <li key={`${index} ${tile.signal}`} className={classes.tile}>
          <TileFace
            title={titleOf(tile, signals, language)}
            last={tile.last && t(`last.${tile.last}`)}
            data={readTile(answers.data, tile)}
            better={signals?.get(tile.signal)?.better ?? "neutral"}
            problem={problemsAt(board, `tiles.${index}`, language)[0]}
            isStale={answers.isPlaceholderData}
            isLarge
          />
        </li>
      ))}
    </ul>
  );
}

function WallCharts({ board, answers }: PartProps) {
  const language = useLanguage();
  const writing = useWriting();
  const { ref, height } = useElementSize();
  // A narrow wall is a page that scrolls: its height follows from the charts, so that theirs cannot follow from it.
  const isScreen = useMediaQuery("(min-width: 64em)");
  const { columns, rows, isWide } = chartGrid(board.charts);
  const free = Math.floor((height - GAP * (rows - 1)) / rows - AROUND_CHART);
  return (
    <div ref={ref} className={classes.charts} style={{ "--columns": columns } as CSSProperties}>
      {board.charts.map((chart, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a chart is its place; two may be alike
        <section key={index} className={classes.chart} data-wide={isWide(chart) || undefined}>
          <h2 className={classes.title}>{pickText(chart.title, language)}</h2>
          {height > 0 && (
            <ChartBody
              chart={chart}
              answers={answers.data}
              writing={writing}
              height={isScreen ? Math.max(SMALLEST_CHART, free) : SCROLLED_CHART}
              isStale={answers.isPlaceholderData}
            />
          )}
        </section>
      ))}
    </div>
  );
}

/** Wide charts take two places where that fills the rows; a hole in the wall looks like something is missing. */
function chartGrid(charts: readonly Chart[]) {
  const count = charts.length;
  const columns = count <= 2 ? count : count <= 4 ? 2 : 3;
  const places = count + charts.filter(({ size }) => size === "full").length;
  const canBeWide = columns > 1 && places % columns === 0;
  const rows = Math.ceil((canBeWide ? places : count) / columns);
  return { columns, rows, isWide: ({ size }: Chart) => canBeWide && size === "full" };
}

/** Rows of alike length: nine are five and four, not eight and one. */
function tileColumns(count: number): number {
  const rows = Math.ceil(count / 6);
  return Math.max(1, Math.ceil(count / Math.max(rows, 1)));
}
