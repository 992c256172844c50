import { useTranslation } from "react-i18next";
import type { Board } from "@/api/boards";
import { EmptyState, ErrorState, StaleNote } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { readTile } from "../model/tile-data";
import classes from "./board-view.module.css";
import { ChartPanel } from "./chart-panel";
import { TileCard } from "./tile-card";
import { useBoardAnswers, useSignals, useWriting } from "./use-board-data";

/** The tiles and charts of a board. */
export function BoardView({ board }: { board: Board }) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const signals = useSignals();
  const writing = useWriting();
  const { page, tiles, charts } = useBoardAnswers(board);
  const problem = (where: string) => problemsAt(board, where, language)[0];
  const failed = [tiles, charts].find((query) => query.isError);
  const retry = () => void Promise.all([tiles.refetch(), charts.refetch()]);
  if (board.tiles.length + board.charts.length === 0)
    return <EmptyState title={t("board.empty")}>{t("board.emptyHint")}</EmptyState>;
  if (failed && !tiles.data && !charts.data) return <ErrorState error={failed.error} onRetry={retry} />;
  return (
    <div className={classes.board}>
      {failed && <StaleNote since={tiles.dataUpdatedAt} onRetry={retry} />}
      <ul className={classes.tiles} aria-label={t("board.tiles")} aria-busy={tiles.isPlaceholderData}>
        {board.tiles.map((tile, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a tile is its place; two may be alike
          <li key={`${index} ${tile.signal}`}>
            <TileCard
              tile={tile}
              signals={signals}
              data={readTile(tiles.data, tile)}
              page={page}
              problem={problem(`tiles.${index}`)}
              isStale={tiles.isPlaceholderData}
            />
          </li>
        ))}
      </ul>
      <div className={classes.charts}>
        {board.charts.map((chart, index) => (
          <ChartPanel
            // biome-ignore lint/suspicious/noArrayIndexKey: a chart is its place; two may be alike
            key={index}
            chart={chart}
            answers={charts.data}
            writing={writing}
            problems={problemsAt(board, `charts.${index}`, language)}
            isStale={charts.isPlaceholderData}
          />
        ))}
      </div>
    </div>
  );
}

/** What cannot be answered at a place of a board or within it. */
export function problemsAt(board: Pick<Board, "problems">, place: string, language: "en" | "ko"): string[] {
  return board.problems
    .filter(({ where }) => where === place || where.startsWith(`${place}.`))
    .map(({ text }) => pickText(text, language));
}
