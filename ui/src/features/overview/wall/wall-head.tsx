import { ActionIcon, Tooltip } from "@mantine/core";
import { useFullscreenDocument, useIdle } from "@mantine/hooks";
import { IconMaximize, IconMinimize, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Board } from "@/api/boards";
import { freshnessQuery } from "@/api/freshness";
import { pickText, useLanguage } from "@/i18n";
import { formatClock, formatDuration, formatLength, formatSpan } from "@/lib/format";
import { useFreshness, useLiveStatus } from "@/lib/live";
import { keptSearch, usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { useNow } from "@/lib/use-now";
import classes from "./wall-head.module.css";

const IDLE_MS = 4000;

/** What is shown, over which time, how fresh it is, and what time it is now. */
export function WallHead({ board }: { board: Board | null }) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const { range, scope } = usePageState();
  const now = useNow(1000);
  const written =
    range.kind === "last"
      ? t("wall.last", { length: formatLength(range.length, language) })
      : formatSpan(range.since, range.until, language);
  const place = [scope.project, scope.environment, scope.service].filter(Boolean).join(" · ");
  return (
    <header className={classes.head}>
      <h1 className={classes.title}>{board ? pickText(board.title, language) : t("title")}</h1>
      <span className={classes.scope}>{[place, written].filter(Boolean).join(" · ")}</span>
      <Connection />
      <time className={classes.clock} dateTime={now.toISOString()}>
        {formatClock(now, language)}
      </time>
      <Controls board={board} />
    </header>
  );
}

const LAGGING_SECONDS = 30;

/** Whether the server still speaks: on a wall nobody clicks to find out. */
function Connection() {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const { scope } = usePageState();
  const status = useLiveStatus();
  const told = useFreshness();
  const { data: asked } = useQuery(freshnessQuery(scope));
  const freshness = told ?? asked;
  const lag = freshness?.lag_seconds ?? 0;
  const state = status === "open" && lag > LAGGING_SECONDS ? "lagging" : status;
  return (
    <span className={classes.connection} data-state={state} role="status">
      <span className={classes.dot} aria-hidden="true" />
      <b>{t(`wall.state.${state}`)}</b>
      {freshness && <span>{t("wall.until", { time: formatClock(freshness.watermark, language) })}</span>}
      {state === "lagging" && <span>{t("wall.lag", { lag: formatDuration(lag * 1000, language) })}</span>}
    </span>
  );
}

/** Gone while nobody touches anything. */
function Controls({ board }: { board: Board | null }) {
  const { t } = useTranslation("overview");
  const search = keptSearch(useSearch({ strict: false }));
  const back = board ? { ...search, board: board.name } : search;
  const isIdle = useIdle(IDLE_MS, { initialState: false });
  const { fullscreen, toggle } = useFullscreenDocument();
  const label = fullscreen ? t("wall.leaveFullscreen") : t("wall.fullscreen");
  useShortcut("f", label, t("wall.title"), () => void toggle());
  return (
    <span className={classes.controls} data-idle={isIdle || undefined}>
      <Tooltip label={label}>
        <ActionIcon aria-label={label} onClick={() => void toggle()}>
          {fullscreen ? <IconMinimize size={20} aria-hidden /> : <IconMaximize size={20} aria-hidden />}
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t("wall.exit")}>
        <ActionIcon
          aria-label={t("wall.exit")}
          renderRoot={(props) => <Link to="/" search={back} {...props} />}
        >
          <IconX size={20} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
