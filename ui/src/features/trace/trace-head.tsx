import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { CopyableId, CopyButton } from "@/components/ui/copy-button";
import { Fact, Facts, FactsHead, Totals } from "@/components/ui/facts";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatAmount, formatCost, formatCount, formatDuration, formatInstant } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { allTokens } from "@/lib/tokens";
import { ProfileButton } from "./flame/profile-button";
import { ErrorMark } from "./marks";
import { ScoreChip } from "./span/scores";
import { TotalsSplit } from "./totals-split";
import classes from "./trace-head.module.css";
import type { LoadedTrace } from "./use-trace";

export { TraceActions } from "./trace-actions";

const MAX_SCORES = 8;

/** What a trace adds up to, whose it was, and its ids to copy. */
export function TraceHead({ traceId, loaded }: { traceId: string; loaded: LoadedTrace }) {
  const { trace } = loaded;
  const scores = trace.scores.filter(({ span_id }) => span_id === null || span_id === trace.root_span_id);
  return (
    <FactsHead>
      <HeadTotals loaded={loaded} />
      {scores.length > 0 && (
        <div className={classes.scores}>
          {scores.slice(0, MAX_SCORES).map((score) => (
            <ScoreChip key={score.score_id} score={score} />
          ))}
        </div>
      )}
      <HeadFacts traceId={traceId} loaded={loaded} />
    </FactsHead>
  );
}

function HeadTotals({ loaded }: { loaded: LoadedTrace }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const { trace } = loaded;
  const { span_count, error_count, input_tokens, output_tokens, cost_usd, unpriced_span_count } =
    trace.totals;
  const tokens = allTokens(input_tokens, output_tokens);
  return (
    <Totals>
      <Fact name={t("total.status")}>{error_count > 0 ? <ErrorMark withWord /> : t("status.ok")}</Fact>
      <Fact name={t("total.duration")}>{formatDuration(trace.duration_ms, language)}</Fact>
      <Fact name={t("total.spans")}>
        {formatCount(span_count, language)}
        {error_count > 0 && <small>{t("total.failed", { count: error_count })}</small>}
      </Fact>
      <Fact name={t("total.tokens")}>
        {formatAmount(tokens, language)}
        {tokens !== null && (
          <small>
            {t("total.inAndOut", {
              input: formatAmount(input_tokens, language),
              output: formatAmount(output_tokens, language),
            })}
          </small>
        )}
      </Fact>
      <Fact name={t("total.cost")}>
        {formatCost(cost_usd, language)}
        {unpriced_span_count > 0 && <small>{t("total.unpriced", { count: unpriced_span_count })}</small>}
      </Fact>
      <TotalsSplit trace={trace} />
      <ProfileButton spanIds={trace.profiled_span_ids} />
    </Totals>
  );
}

function HeadFacts({ traceId, loaded }: { traceId: string; loaded: LoadedTrace }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  const { trace, nodes, byId } = loaded;
  const root = (trace.root_span_id ? byId.get(trace.root_span_id) : undefined)?.span ?? nodes[0]?.span;
  const [session, user] = [root?.session_id, root?.user_id];
  return (
    <Facts>
      <Fact name={t("fact.started")}>{formatInstant(trace.started_at, language)}</Fact>
      <Fact name={t("fact.trace")}>
        <CopyableId value={traceId} what={t("fact.traceId")} />
      </Fact>
      {root?.request_id && (
        <Fact name={t("fact.request")}>
          <CopyableId value={root.request_id} what={t("fact.requestId")} shown={12} />
        </Fact>
      )}
      {root?.service && <Fact name={t("fact.service")}>{plain(root.service)}</Fact>}
      {root?.version && <Fact name={t("fact.version")}>{plain(root.version)}</Fact>}
      {root?.environment && <Fact name={t("fact.environment")}>{plain(root.environment)}</Fact>}
      {session && (
        <Fact name={t("fact.session")}>
          <Link to="/sessions/$sessionId" params={{ sessionId: session }} search={keptSearch(search)}>
            {plain(session)}
          </Link>
          <CopyButton value={session} what={t("fact.sessionId")} />
        </Fact>
      )}
      {user && (
        <Fact name={t("fact.user")}>
          <Link to="/users/$userId" params={{ userId: user }} search={keptSearch(search)}>
            {plain(user)}
          </Link>
          <CopyButton value={user} what={t("fact.userId")} />
        </Fact>
      )}
    </Facts>
  );
}

function plain(text: string) {
  const shown = visibleLine(text);
  return (
    <span className={classes.value} title={shown}>
      {cutText(shown, 120)}
    </span>
  );
}
