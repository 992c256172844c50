import { Button, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { SpanAnswer, TraceSpan } from "@/api/trace";
import { CopyableId } from "@/components/ui/copy-button";
import { Fact } from "@/components/ui/facts";
import { LongText } from "@/components/ui/long-text";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCost, formatCount, formatDuration, formatInstant } from "@/lib/format";
import { KindIcon, kindOf } from "../kinds";
import { ErrorMark, PlaceMarks } from "../marks";
import type { Node } from "../model/tree";
import classes from "./span-panel.module.css";

interface SpanHeadProps {
  node: Node | null;
  /** With all its columns; null until they came. */
  span: SpanAnswer | null;
  onSelect: (spanId: string) => void;
  onEvents: () => void;
}

/** Name, ids, time, tokens and cost of a span, and why it failed; there before the rest has come. */
export function SpanHead({ node, span, onSelect, onEvents }: SpanHeadProps) {
  const { t } = useTranslation("trace");
  const known: TraceSpan | SpanAnswer | null = span ?? node?.span ?? null;
  if (!known) return null;
  const name = cutText(visibleLine(known.name), 400) || t("unnamed");
  return (
    <header className={classes.head}>
      <div className={classes.title}>
        <KindIcon kind={known.kind} size={16} />
        <h2 title={name}>{name}</h2>
        {known.status === "error" && <ErrorMark withWord />}
        {node && <PlaceMarks span={node.span} />}
      </div>
      <SpanFacts known={known} span={span} onSelect={onSelect} />
      {node && node.sums.spans > 1 && <SubtreeFacts node={node} />}
      {known.status === "error" && <FailureNote known={known} span={span} onEvents={onEvents} />}
    </header>
  );
}

function SpanFacts({
  known,
  span,
  onSelect,
}: { known: TraceSpan | SpanAnswer } & Pick<SpanHeadProps, "span" | "onSelect">) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const { parent_span_id: parent, model } = known;
  return (
    <dl className={classes.facts}>
      <Fact name={t("fact.kind")}>{t(`kind.${kindOf(known.kind)}`)}</Fact>
      <Fact name={t("column.duration")}>{formatDuration(known.duration_ms, language)}</Fact>
      {span?.ttft_ms != null && (
        <Fact name={t("fact.firstToken")}>{formatDuration(span.ttft_ms, language)}</Fact>
      )}
      {model && <Fact name={t("column.model")}>{cutText(visibleLine(model), 80)}</Fact>}
      <TokenFacts known={known} span={span} />
      {known.cost_usd !== null && <Fact name={t("column.cost")}>{formatCost(known.cost_usd, language)}</Fact>}
      {span?.cost_source === "unpriced" && <Fact name={t("column.cost")}>{t("fact.unpriced")}</Fact>}
      {span?.finish_reason && (
        <Fact name={t("fact.finish")}>{cutText(visibleLine(span.finish_reason), 60)}</Fact>
      )}
      <Fact name={t("fact.started")}>{formatInstant(known.started_at, language)}</Fact>
      <Fact name={t("fact.span")}>
        <CopyableId value={known.span_id} what={t("fact.spanId")} shown={16} />
      </Fact>
      {parent && (
        <Fact name={t("fact.parent")}>
          <UnstyledButton fz="xs" c="var(--pw-accent)" className="pw-mono" onClick={() => onSelect(parent)}>
            {parent}
          </UnstyledButton>
        </Fact>
      )}
    </dl>
  );
}

function TokenFacts({ known, span }: { known: TraceSpan | SpanAnswer; span: SpanAnswer | null }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const parts = [
    [t("tokens.input"), known.input_tokens],
    [t("tokens.cacheRead"), span?.cache_read_tokens || null],
    [t("tokens.cacheWrite"), span?.cache_write_tokens || null],
    [t("tokens.output"), known.output_tokens],
    [t("tokens.reasoning"), span?.reasoning_tokens || null],
  ] as const;
  return parts.map(
    ([name, count]) =>
      count !== null && (
        <Fact key={name} name={name}>
          {formatCount(count, language)}
        </Fact>
      ),
  );
}

/** What the span and everything below it add up to. */
function SubtreeFacts({ node }: { node: Node }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const { spans, errors, inputTokens, outputTokens, cost } = node.sums;
  const atLeast = node.isPartial ? "+" : "";
  return (
    <dl className={classes.facts} title={node.isPartial ? t("subtree.partial") : undefined}>
      <Fact name={t("subtree.spans")}>{`${formatCount(spans, language)}${atLeast}`}</Fact>
      {errors > 0 && <Fact name={t("split.failed")}>{`${formatCount(errors, language)}${atLeast}`}</Fact>}
      {inputTokens !== null && (
        <Fact name={t("tokens.input")}>{`${formatCount(inputTokens, language)}${atLeast}`}</Fact>
      )}
      {outputTokens !== null && (
        <Fact name={t("tokens.output")}>{`${formatCount(outputTokens, language)}${atLeast}`}</Fact>
      )}
      {cost !== null && <Fact name={t("column.cost")}>{`${formatCost(cost, language)}${atLeast}`}</Fact>}
    </dl>
  );
}

function FailureNote({
  known,
  span,
  onEvents,
}: { known: TraceSpan | SpanAnswer } & Pick<SpanHeadProps, "span" | "onEvents">) {
  const { t } = useTranslation("trace");
  const hasStack = span?.events.some(({ attributes }) => attributes["exception.stacktrace"] !== undefined);
  const kind = [known.error_class, known.error_type].filter((part) => part !== null).map(visibleLine);
  return (
    <div className={classes.error}>
      {kind.length > 0 && <strong className="pw-foreign">{cutText(kind.join(" · "), 200)}</strong>}
      {known.status_message ? (
        <LongText text={known.status_message} shown={400} />
      ) : (
        kind.length === 0 && t("span.failedSilently")
      )}
      {hasStack && (
        <div>
          <Button variant="subtle" size="compact-xs" onClick={onEvents}>
            {t("span.showStack")}
          </Button>
        </div>
      )}
    </div>
  );
}
