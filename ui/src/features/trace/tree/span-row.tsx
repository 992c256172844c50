import { IconChevronRight } from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import type { Language } from "@/i18n/languages";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCost, formatDuration, formatNumber } from "@/lib/format";
import { allTokens } from "@/lib/tokens";
import { KindPicture, kindOf } from "../kinds";
import { ErrorMark, ErrorsBelow, PlaceMarks } from "../marks";
import { placeOf, type Viewport } from "../model/axis";
import type { Mode, Node } from "../model/tree";
import classes from "./span-row.module.css";

const INDENT = 14;
/** Deeper spans are not indented further, so that their names stay readable. */
const MAX_INDENTS = 20;
const MAX_NAME = 300;

interface SpanRowProps {
  node: Node;
  id: string;
  mode: Mode;
  /** Place among the shown rows. */
  place: number;
  top: number;
  isSelected: boolean;
  isFolded: boolean;
  /** Shown for what is below it, while a filter is on. */
  isContext: boolean;
  viewport: Viewport;
  total: number;
  segments: readonly [number, number][] | undefined;
  onSelect: (spanId: string) => void;
  onToggle: (spanId: string) => void;
}

/** One span: its place in the tree, what it cost, and when it ran. */
export const SpanRow = memo(function SpanRow(props: SpanRowProps) {
  const { node, id, mode, place, top, isSelected, isFolded, isContext, onSelect, onToggle } = props;
  // Rows come and go by the dozen while one scrolls, so each looks up its texts once.
  const { t, i18n } = useTranslation("trace");
  const language: Language = i18n.language === "ko" ? "ko" : "en";
  const { span } = node;
  const hasBelow = mode === "tree" && span.child_count > 0;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid, which holds the focus
    <div
      id={id}
      role="row"
      aria-rowindex={place + 2}
      aria-selected={isSelected}
      aria-level={mode === "tree" ? span.depth + 1 : 1}
      aria-expanded={hasBelow ? !isFolded : undefined}
      data-context={isContext || undefined}
      className={classes.row}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(span.span_id)}
      onDoubleClick={() => hasBelow && onToggle(span.span_id)}
    >
      <NameCell t={t} node={node} mode={mode} isFolded={isFolded} hasBelow={hasBelow} onToggle={onToggle} />
      <NumberCells t={t} language={language} node={node} />
      <Lane {...props} />
    </div>
  );
});

interface NameCellProps extends Pick<SpanRowProps, "node" | "mode" | "isFolded" | "onToggle"> {
  t: Translate;
  hasBelow: boolean;
}

type Translate = TFunction<"trace">;

function NameCell({ t, node, mode, isFolded, hasBelow, onToggle }: NameCellProps) {
  const { span, sums } = node;
  const indent = mode === "tree" ? Math.min(span.depth, MAX_INDENTS) * INDENT : 0;
  const name = cutText(visibleLine(span.name), MAX_NAME) || t("unnamed");
  return (
    <div role="gridcell" className={classes.name} style={{ paddingLeft: indent }}>
      {hasBelow ? (
        <button
          type="button"
          tabIndex={-1}
          className={classes.twisty}
          aria-label={isFolded ? t("tree.unfold") : t("tree.fold")}
          aria-expanded={!isFolded}
          onClick={(event) => {
            event.stopPropagation();
            onToggle(span.span_id);
          }}
        >
          <IconChevronRight size={13} aria-hidden />
        </button>
      ) : (
        <span className={classes.twisty} />
      )}
      <KindPicture kind={kindOf(span.kind)} word={t(`kind.${kindOf(span.kind)}`)} />
      <span className={classes.label} title={name}>
        {name}
      </span>
      {span.status === "error" && <ErrorMark />}
      {isFolded && sums.errors > (span.status === "error" ? 1 : 0) && <ErrorsBelow count={sums.errors} />}
      {isOdd(span) && <PlaceMarks span={span} />}
    </div>
  );
}

function isOdd({ placement, copies }: Node["span"]): boolean {
  return placement === "orphan" || placement === "cycle" || copies > 1;
}

function NumberCells({ t, language, node }: { t: Translate; language: Language; node: Node }) {
  const { span, sums, isPartial } = node;
  const isSum = span.child_count > 0;
  const { inputTokens, outputTokens, cost } = sums;
  const tokens = allTokens(inputTokens, outputTokens);
  const title = isSum ? t("tree.sum") : undefined;
  const more = isPartial ? "+" : "";
  const model = span.model && cutText(visibleLine(span.model), 80);
  return (
    <>
      <div role="gridcell" className={classes.cell} data-column="model" title={model ?? undefined}>
        {model}
      </div>
      <div
        role="gridcell"
        className={classes.cell}
        data-column="tokens"
        data-number
        data-sum={isSum || undefined}
        title={title}
      >
        {tokens !== null && `${formatNumber(tokens, language)}${more}`}
      </div>
      <div
        role="gridcell"
        className={classes.cell}
        data-column="cost"
        data-number
        data-sum={isSum || undefined}
        title={title}
      >
        {cost !== null && `${formatCost(cost, language)}${more}`}
      </div>
      <div role="gridcell" className={classes.cell} data-number>
        {formatDuration(span.duration_ms, language)}
      </div>
    </>
  );
}

function Lane({ node, viewport, total, segments }: SpanRowProps) {
  const { span } = node;
  const place = placeOf(viewport, span.offset_ms, span.duration_ms ?? 0);
  return (
    <div
      role="gridcell"
      className={classes.lane}
      data-column="lane"
      data-error={span.status === "error" || undefined}
    >
      {place && <span className={classes.bar} style={{ left: `${place.left}%`, width: `${place.width}%` }} />}
      {segments && <PathBars segments={segments} viewport={viewport} total={total} />}
    </div>
  );
}

/** All stretches of the critical path in one drawing, however many there are. */
function PathBars({
  segments,
  viewport,
  total,
}: {
  segments: readonly [number, number][];
  viewport: Viewport;
  total: number;
}) {
  const length = viewport.end - viewport.start || 1;
  const x = (share: number) => (((share * total - viewport.start) / length) * 1000).toFixed(2);
  const path = segments
    .filter(([from, to]) => to * total >= viewport.start && from * total <= viewport.end)
    .map(([from, to]) => `M${x(from)} 0H${Math.max(Number(x(to)), Number(x(from)) + 0.6)}V10H${x(from)}Z`)
    .join("");
  return (
    <svg className={classes.path} viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
