import { Button, Modal } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Chart, Tile } from "@/api/boards";
import { useLanguage } from "@/i18n";
import { problemsAt } from "../board/board-view";
import boardClasses from "../board/board-view.module.css";
import { ChartPanel } from "../board/chart-panel";
import { titleOf } from "../board/tile-card";
import { TileFace } from "../board/tile-face";
import { useBoardAnswers, useSignals, useWriting } from "../board/use-board-data";
import { readTile } from "../model/tile-data";
import { Arrangeable } from "./arrangeable";
import { ChartForm } from "./chart-form";
import classes from "./draft-view.module.css";
import type { Draft, Item, Step } from "./model";
import type { BoardProblem } from "./saved-problems";
import { isBreakdown, SignalList } from "./signal-list";
import { TileForm } from "./tile-form";

interface DraftViewProps {
  draft: Draft;
  problems: readonly BoardProblem[];
  onStep: (step: Step) => void;
}

type Opened =
  | { what: "add-tile" }
  | { what: "tile"; item: Item<Tile> }
  | { what: "chart"; item: Item<Chart> | null };

/** The board while it is changed, with its numbers, so that one sees what one makes. */
export function DraftView({ draft, problems, onStep }: DraftViewProps) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const signals = useSignals();
  const writing = useWriting();
  const [opened, setOpened] = useState<Opened | null>(null);
  const board = useMemo(
    () => ({ tiles: draft.tiles.map(({ value }) => value), charts: draft.charts.map(({ value }) => value) }),
    [draft],
  );
  const answers = useBoardAnswers(board);
  const problem = (place: string) => problemsAt({ problems: [...problems] }, place, language);
  return (
    <div className={boardClasses.board}>
      <Arrangeable<Tile>
        items={draft.tiles}
        label={t("board.tiles")}
        className={boardClasses.tiles}
        nameOf={(tile) => titleOf(tile, signals, language)}
        onMove={(id, to) => onStep({ do: "move", part: "tiles", id, to })}
        onChange={(item) => setOpened({ what: "tile", item })}
        onRemove={(id) => onStep({ do: "remove", part: "tiles", id })}
      >
        {(tile, index) => (
          <TileFace
            title={titleOf(tile, signals, language)}
            last={tile.last && t(`last.${tile.last}`)}
            data={readTile(answers.tiles.data, tile)}
            better={signals?.get(tile.signal)?.better ?? "neutral"}
            problem={problem(`tiles.${index}`)[0]}
            isStale={answers.tiles.isPlaceholderData}
          />
        )}
      </Arrangeable>
      <AddButton label={t("edit.addTile")} onClick={() => setOpened({ what: "add-tile" })} />
      <Arrangeable<Chart>
        items={draft.charts}
        label={t("board.charts")}
        className={`${boardClasses.charts} ${classes.charts}`}
        nameOf={(chart) => chart.title[language] ?? chart.signals.join(", ")}
        isWide={({ size }) => size === "full"}
        onMove={(id, to) => onStep({ do: "move", part: "charts", id, to })}
        onChange={(item) => setOpened({ what: "chart", item })}
        onRemove={(id) => onStep({ do: "remove", part: "charts", id })}
      >
        {(chart, index) => (
          <ChartPanel
            chart={chart}
            answers={answers.charts.data}
            writing={writing}
            problems={problem(`charts.${index}`)}
            isStale={answers.charts.isPlaceholderData}
          />
        )}
      </Arrangeable>
      <AddButton label={t("edit.addChart")} onClick={() => setOpened({ what: "chart", item: null })} />
      <Forms opened={opened} signals={signals} onClose={() => setOpened(null)} onStep={onStep} />
    </div>
  );
}

function AddButton({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button
      variant="light"
      leftSection={<IconPlus size={14} aria-hidden />}
      className={classes.add}
      onClick={onClick}
    >
      {label}
    </Button>
  );
}

interface FormsProps {
  opened: Opened | null;
  signals: ReturnType<typeof useSignals>;
  onClose: () => void;
  onStep: (step: Step) => void;
}

function Forms({ opened, signals, onClose, onStep }: FormsProps) {
  const { t } = useTranslation("overview");
  const all = useMemo(() => [...(signals?.values() ?? [])], [signals]);
  const done = (step: Step) => {
    onStep(step);
    onClose();
  };
  const titles = {
    "add-tile": t("edit.addTile"),
    tile: t("edit.tile"),
    chart: opened?.what === "chart" && opened.item ? t("edit.chart") : t("edit.addChart"),
  };
  return (
    <Modal
      opened={opened !== null}
      onClose={onClose}
      size="lg"
      title={opened ? titles[opened.what] : ""}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      {opened?.what === "add-tile" && (
        <SignalList
          signals={all.filter((signal) => !isBreakdown(signal))}
          onPick={({ name }) => done({ do: "add", part: "tiles", value: tileOf(name) })}
        />
      )}
      {opened?.what === "tile" && (
        <TileForm
          tile={opened.item.value}
          signals={all}
          onSave={(value) => done({ do: "change", part: "tiles", id: opened.item.id, value })}
        />
      )}
      {opened?.what === "chart" && (
        <ChartForm
          chart={opened.item?.value ?? NEW_CHART}
          signals={all}
          onSave={(value) =>
            done(
              opened.item
                ? { do: "change", part: "charts", id: opened.item.id, value }
                : { do: "add", part: "charts", value },
            )
          }
        />
      )}
    </Modal>
  );
}

function tileOf(signal: string): Tile {
  return { signal, title: null, last: null, where: null };
}

const NEW_CHART: Chart = {
  title: { en: "", ko: "" },
  kind: "lines",
  signals: [],
  by: [],
  where: null,
  size: "half",
};
