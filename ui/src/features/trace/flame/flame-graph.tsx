import { type KeyboardEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatDuration, formatPercent } from "@/lib/format";
import classes from "./flame.module.css";
import { type Box, type Drawing, isMatch } from "./model";

const ROW_PX = 20;

interface FlameGraphProps {
  drawing: Drawing;
  /** Number of the colour of each file. */
  hues: ReadonlyMap<string | null, number>;
  /** Time of the whole profile. */
  total: number;
  chosen: number;
  /** Words that frames have to hold to stay bright. */
  find: string;
  onChoose: (index: number) => void;
  onZoom: (index: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** Frames below those that called them, as wide as the time they took. */
export function FlameGraph(props: FlameGraphProps) {
  const { drawing, chosen, onKeyDown } = props;
  const { t } = useTranslation("trace");
  const ref = useRef<HTMLDivElement>(null);
  useFollowedFocus(ref, chosen);
  const hasChosen = drawing.boxes.some(({ node }) => node.index === chosen);
  return (
    <div
      ref={ref}
      role="tree"
      aria-label={t("profile.graph")}
      className={classes.graph}
      style={{ height: drawing.rows * ROW_PX }}
      onKeyDown={onKeyDown}
    >
      {drawing.boxes.map((box, place) => (
        <FlameBox
          key={box.node.index}
          box={box}
          isReached={hasChosen ? box.node.index === chosen : place === 0}
          {...props}
        />
      ))}
    </div>
  );
}

/** The focus goes with the chosen frame as long as it is somewhere in the graph. */
function useFollowedFocus(ref: React.RefObject<HTMLDivElement | null>, chosen: number): void {
  useEffect(() => {
    const graph = ref.current;
    if (!graph?.contains(document.activeElement)) return;
    graph.querySelector<HTMLElement>(`[data-index="${chosen}"]`)?.focus();
  }, [ref, chosen]);
}

interface FlameBoxProps
  extends Pick<FlameGraphProps, "hues" | "total" | "chosen" | "find" | "onChoose" | "onZoom"> {
  box: Box;
  /** The one frame that Tab reaches. */
  isReached: boolean;
}

function FlameBox({ box, hues, total, chosen, find, isReached, onChoose, onZoom }: FlameBoxProps) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const { index, frame } = box.node;
  const name = cutText(visibleLine(frame.function), 200);
  const told = t("profile.frame", {
    name,
    total: formatDuration(frame.total_ms, language),
    share: formatPercent(total > 0 ? frame.total_ms / total : 0, language),
  });
  const isDim = find.trim() !== "" && !isMatch(box.node, find);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are those of the tree
    <div
      role="treeitem"
      aria-level={box.row + 1}
      aria-selected={index === chosen}
      aria-label={told}
      title={frame.file ? `${told}\n${cutText(visibleLine(frame.file), 300)}` : told}
      tabIndex={isReached ? 0 : -1}
      data-index={index}
      data-hue={hues.get(frame.file)}
      data-above={box.isAbove || undefined}
      data-dim={isDim || undefined}
      className={classes.box}
      style={{ top: box.row * ROW_PX, left: `${box.left * 100}%`, width: `${box.width * 100}%` }}
      onClick={() => onChoose(index)}
      onDoubleClick={() => onZoom(index)}
      onFocus={() => index !== chosen && onChoose(index)}
    >
      <span>{name}</span>
    </div>
  );
}
