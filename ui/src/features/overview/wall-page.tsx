import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { type Board, boardsQuery } from "@/api/boards";
import { EmptyState, QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch, usePageState } from "@/lib/page-state";
import { isInFuture } from "@/lib/time-range";
import { FutureRange } from "./board/future-range";
import type { WallSearch } from "./search";
import { FirstMinute } from "./start/first-minute";
import { useHasData } from "./start/use-has-data";
import { useRotation } from "./wall/use-rotation";
import { useWakeLock } from "./wall/use-wake-lock";
import { WallBoard } from "./wall/wall-board";
import { WallHead } from "./wall/wall-head";
import classes from "./wall-page.module.css";

/** A board for a screen on the wall: large, by itself, refreshed without a hand on it. */
export function WallPage() {
  const { scope } = usePageState();
  const boards = useQuery(boardsQuery(scope));
  useWakeLock();
  return (
    <main className={classes.wall}>
      <QueryView query={boards} height={480} skeletonRows={4}>
        {(known) => <Shown boards={known} />}
      </QueryView>
    </main>
  );
}

function Shown({ boards }: { boards: readonly Board[] }) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const { scope, range } = usePageState();
  const { board: wanted, rotate }: WallSearch = useSearch({ strict: false });
  const first = wanted ? boards.findIndex(({ name }) => name === wanted) : 0;
  const turn = useRotation(boards.length, first, rotate);
  const board = first < 0 ? null : (boards[turn] ?? null);
  const { hasData } = useHasData(scope);
  const title = board ? pickText(board.title, language) : t("title");
  useEffect(() => {
    document.title = `${title} · Pitwall`;
  }, [title]);
  return (
    <>
      <WallHead board={board} />
      {hasData === false ? (
        <FirstMinute />
      ) : board && isInFuture(range, new Date()) ? (
        <FutureRange />
      ) : board ? (
        <WallBoard board={board} />
      ) : (
        <Unknown name={wanted ?? ""} />
      )}
    </>
  );
}

function Unknown({ name }: { name: string }) {
  const { t } = useTranslation("overview");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <EmptyState
      title={t("board.unknown", { name: name.slice(0, 80) })}
      action={
        <Button renderRoot={(props) => <Link to="/" search={search} {...props} />}>{t("wall.exit")}</Button>
      }
    >
      {t("board.unknownHint")}
    </EmptyState>
  );
}
