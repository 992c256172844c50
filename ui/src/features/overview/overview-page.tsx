import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Board, boardsQuery } from "@/api/boards";
import { Page } from "@/components/ui/page";
import { EmptyState, LoadingState, QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch, usePageState } from "@/lib/page-state";
import { isInFuture } from "@/lib/time-range";
import { BoardBar } from "./board/board-bar";
import { BoardView } from "./board/board-view";
import { FutureRange } from "./board/future-range";
import { useBoardAnswers } from "./board/use-board-data";
import { BoardEditor } from "./edit/board-editor";
import { emptyBoard } from "./edit/model";
import classes from "./overview-page.module.css";
import { Rail } from "./rail/rail";
import type { OverviewSearch } from "./search";
import { FirstMinute } from "./start/first-minute";
import { useHasData } from "./start/use-has-data";

/** The timing screen: the chosen board and what else matters now; before any data, how to send some. */
export function OverviewPage() {
  const { t } = useTranslation("overview");
  const { scope } = usePageState();
  const { hasData, firstTraceId } = useHasData(scope);
  const boards = useQuery(boardsQuery(scope));
  if (hasData === false)
    return (
      <Page title={t("title")} isTitleHidden>
        <FirstMinute />
      </Page>
    );
  return (
    <QueryView query={boards} height={420} skeletonRows={4}>
      {(known) =>
        hasData === null ? (
          <LoadingState height={420} rows={4} />
        ) : (
          <Boards boards={known} firstTraceId={firstTraceId} />
        )
      }
    </QueryView>
  );
}

function Boards({ boards, firstTraceId }: { boards: readonly Board[]; firstTraceId: string | null }) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const { board: wanted, edit }: OverviewSearch = useSearch({ strict: false });
  const chosen = wanted ? boards.find(({ name }) => name === wanted) : boards[0];
  const [isNew, setNew] = useState(false);
  if (edit && (isNew || chosen))
    return (
      <Page title={t("edit.title")} isTitleHidden>
        <BoardEditor
          key={isNew ? "" : chosen?.name}
          original={isNew || !chosen ? emptyBoard() : chosen}
          boards={boards}
          isNew={isNew || !chosen}
        />
      </Page>
    );
  const title = chosen ? pickText(chosen.title, language) : t("title");
  return (
    <Page title={title} isTitleHidden>
      <BoardBar boards={boards} current={chosen ?? null} onBegin={setNew} />
      {firstTraceId && <FirstTrace traceId={firstTraceId} />}
      {chosen ? <Shown board={chosen} /> : <UnknownBoard name={wanted ?? ""} boards={boards} />}
    </Page>
  );
}

function Shown({ board }: { board: Board }) {
  const { range } = usePageState();
  if (isInFuture(range, new Date())) return <FutureRange />;
  return <Present board={board} />;
}

function Present({ board }: { board: Board }) {
  const answers = useBoardAnswers(board);
  return (
    <div className={classes.layout}>
      <BoardView board={board} answers={answers} />
      <Rail isHeld={answers.tiles.isFetching} />
    </div>
  );
}

function UnknownBoard({ name, boards }: { name: string; boards: readonly Board[] }) {
  const { t } = useTranslation("overview");
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const [first] = boards;
  return (
    <EmptyState
      title={t("board.unknown", { name: name.slice(0, 80) })}
      action={
        first && (
          <Button
            onClick={() => void navigate({ to: "/", search: { ...keptSearch(search), board: first.name } })}
          >
            {t("board.first")}
          </Button>
        )
      }
    >
      {t("board.unknownHint")}
    </EmptyState>
  );
}

function FirstTrace({ traceId }: { traceId: string }) {
  const { t } = useTranslation("overview");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <p className={classes.first} role="status">
      {t("start.arrived")}{" "}
      <Link to="/traces/$traceId" params={{ traceId }} search={search}>
        {t("start.open")}
      </Link>
    </p>
  );
}
