import { Button } from "@mantine/core";
import { useIntersection } from "@mantine/hooks";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { type TraceRow, tracesOfOwnerQuery } from "@/api/owners";
import { type SpanAnswer, spanQuery } from "@/api/trace";
import { ForeignName } from "@/components/ui/foreign-name";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { ErrorState, LoadingState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { cutText, prettyJson, visibleLine } from "@/lib/foreign-text";
import { formatCost, formatDuration, formatInstant, formatNumber } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import { allTokens } from "@/lib/tokens";
import { FailedCount } from "./cells";
import classes from "./turns.module.css";

const MAX_SCORES = 5;
/** Characters that lists have of a text. */
const PREVIEW_LENGTH = 100;

/** The requests of a session in their order, with question and answer; the newest stands last. */
export function Turns({ sessionId }: { sessionId: string }) {
  const { t } = useTranslation("owners");
  const { scope } = usePageState();
  const query = useInfiniteQuery({
    ...tracesOfOwnerQuery("session", scope, sessionId),
    meta: { live: true },
  });
  const turns = (query.data?.pages.flatMap((page) => page.rows) ?? []).toReversed();
  return (
    <Panel title={t("turns.title")}>
      {query.isPending && <LoadingState height={240} rows={4} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.hasNextPage && (
        <Button
          variant="default"
          mb="sm"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t("turns.earlier")}
        </Button>
      )}
      <div className={classes.turns}>
        {turns.map((turn) => (
          <Turn key={turn.trace_id} turn={turn} />
        ))}
      </div>
    </Panel>
  );
}

function Turn({ turn }: { turn: TraceRow }) {
  const { scope } = usePageState();
  const { ref, entry } = useIntersection({ rootMargin: "400px" });
  const [wasSeen, setSeen] = useState(false);
  useEffect(() => {
    if (entry?.isIntersecting) setSeen(true);
  }, [entry]);
  const hasText = turn.input_preview !== null || turn.output_preview !== null;
  const span = useQuery({
    ...spanQuery(scope, turn.trace_id, turn.matched_span_id),
    enabled: wasSeen && hasText,
  });
  return (
    <article ref={ref} className={classes.turn}>
      <TurnHead turn={turn} />
      <Said side="input" text={span.data ? saidOf(span.data, "input") : begun(turn.input_preview)} />
      <Said side="output" text={span.data ? saidOf(span.data, "output") : begun(turn.output_preview)} />
    </article>
  );
}

/** A text of a list while the whole one is on its way. */
function begun(preview: string | null): string | null {
  return preview !== null && preview.length >= PREVIEW_LENGTH ? `${preview}…` : preview;
}

/** What was asked or answered: of a chat the last question and the answer, of other spans the whole text. */
function saidOf(span: SpanAnswer, side: "input" | "output"): string | null {
  const messages = span.conversation?.messages.filter((message) => message.side === side) ?? [];
  const last = messages.findLast(({ role }) => side === "output" || role === "user") ?? messages.at(-1);
  const words = last?.parts.filter(({ type }) => type === "text").map(({ text }) => text) ?? [];
  return words.length > 0 ? words.join("\n") : span[side];
}

function TurnHead({ turn }: { turn: TraceRow }) {
  const { t } = useTranslation("owners");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  const { input_tokens, output_tokens } = turn;
  const tokens = allTokens(input_tokens, output_tokens);
  return (
    <header>
      <span>{formatInstant(turn.started_at, language)}</span>
      <Link to="/traces/$traceId" params={{ traceId: turn.trace_id }} search={keptSearch(search)}>
        <ForeignName text={turn.name || turn.trace_id} />
      </Link>
      {turn.error_count > 0 && <FailedCount count={turn.error_count} />}
      <span>{formatDuration(turn.duration_ms, language)}</span>
      {tokens !== null && <span>{t("turns.tokens", { tokens: formatNumber(tokens, language) })}</span>}
      {turn.cost_usd !== null && <span>{formatCost(turn.cost_usd, language)}</span>}
      {turn.scores
        .toSorted((one, other) => one.name.localeCompare(other.name))
        .slice(0, MAX_SCORES)
        .map((score) => (
          <span key={score.score_id} className={classes.score}>
            {cutText(visibleLine(score.name), 30)}
            <b>
              {score.value === null
                ? cutText(visibleLine(score.label ?? ""), 24)
                : formatNumber(score.value, language)}
            </b>
          </span>
        ))}
    </header>
  );
}

function Said({ side, text }: { side: "input" | "output"; text: string | null }) {
  const { t } = useTranslation("owners");
  const json = text === null ? null : prettyJson(text);
  return (
    <div className={classes.said} data-side={side}>
      <h3>{t(`turns.${side}`)}</h3>
      {text === null || text === "" ? (
        <Note>{t("turns.nothing")}</Note>
      ) : (
        <LongText text={json ?? text} shown={1500} isMono={json !== null} />
      )}
    </div>
  );
}
