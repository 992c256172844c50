import { Popover } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Tile } from "@/api/boards";
import type { FailedQuestion, Signal } from "@/api/signals";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch } from "@/lib/page-state";
import type { PageQuestion } from "../model/questions";
import type { TileData } from "../model/tile-data";
import classes from "./tile-card.module.css";
import { TileExplanation } from "./tile-explanation";
import { TileFace } from "./tile-face";

type Signals = ReadonlyMap<string, Signal>;

interface TileCardProps {
  tile: Tile;
  signals: Signals | null;
  data: TileData | FailedQuestion | null;
  page: PageQuestion;
  problem?: string | undefined;
  isStale: boolean;
}

const HOVER_MS = 350;

/** A number that leads to its signal and explains itself when one rests on it. */
export function TileCard(props: TileCardProps) {
  const { tile, signals, data, problem, isStale } = props;
  const signal = signals?.get(tile.signal);
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  const id = useId();
  const explanation = useHint();
  return (
    <Popover
      opened={explanation.isOpen}
      position="bottom-start"
      width={340}
      shadow="md"
      withRoles={false}
      trapFocus={false}
      returnFocus={false}
      closeOnEscape={false}
    >
      <Popover.Target>
        <Link
          to="/signals/$name"
          params={{ name: tile.signal }}
          search={keptSearch(search)}
          className={classes.tile}
          aria-describedby={explanation.isOpen ? id : undefined}
          {...explanation.listeners}
        >
          <TileFace
            title={titleOf(tile, signals, language)}
            last={tile.last && t(`last.${tile.last}`)}
            data={data}
            better={signal?.better ?? "neutral"}
            problem={problem}
            isStale={isStale}
          />
        </Link>
      </Popover.Target>
      <Popover.Dropdown id={id} role="tooltip">
        <TileExplanation {...props} signal={signal} />
      </Popover.Dropdown>
    </Popover>
  );
}

/** The tile's own title or that of its signal; empty until the catalogue is known. */
export function titleOf(tile: Tile, signals: Signals | null, language: "en" | "ko"): string {
  const title = tile.title ?? signals?.get(tile.signal)?.title;
  if (title) return pickText(title, language);
  return signals ? tile.signal : "";
}

/** Opens when the pointer rests or the keyboard comes, closes with Escape or when they leave. */
function useHint() {
  const [isOpen, setOpen] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const close = () => {
    clearTimeout(timer.current);
    setOpen(false);
  };
  return {
    isOpen,
    listeners: {
      onPointerEnter: (event: React.PointerEvent) => {
        if (event.pointerType !== "touch") timer.current = setTimeout(() => setOpen(true), HOVER_MS);
      },
      onPointerLeave: close,
      onFocus: (event: React.FocusEvent) => event.target.matches(":focus-visible") && setOpen(true),
      onBlur: close,
      onKeyDown: (event: React.KeyboardEvent) => event.key === "Escape" && close(),
      onClick: close,
    },
  };
}
