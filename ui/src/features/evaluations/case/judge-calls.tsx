import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type LlmCall, llmCallQuery } from "@/api/llm-calls";
import { CopyableId } from "@/components/ui/copy-button";
import { Fact, Facts } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { LongText } from "@/components/ui/long-text";
import { QueryView } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { prettyJson } from "@/lib/foreign-text";
import { formatAmount, formatCost, formatDuration } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import classes from "./score-card.module.css";

/** The model calls behind a score; fetched once somebody wants to see them. */
export function JudgeCalls({ keys }: { keys: readonly string[] }) {
  const { t } = useTranslation("evals");
  const [isOpen, setOpen] = useState(false);
  if (keys.length === 0) return null;
  return (
    <details className={classes.calls} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("case.calls", { count: keys.length })}</summary>
      {isOpen && keys.map((key) => <Call key={key} id={key} />)}
    </details>
  );
}

function Call({ id }: { id: string }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const query = useQuery(llmCallQuery(scope, id));
  return (
    <div className={classes.call}>
      <CopyableId value={id} what={t("case.callKey")} shown={16} />
      <QueryView query={query} height={64} skeletonRows={2}>
        {(call) => <CallView call={call} />}
      </QueryView>
    </div>
  );
}

function CallView({ call }: { call: LlmCall }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const reply = call.reply === null ? null : (prettyJson(call.reply) ?? call.reply);
  return (
    <>
      <Facts>
        <Fact name={t("call.model")}>
          <ForeignName text={call.model} />
        </Fact>
        <Fact name={t("call.latency")}>{formatDuration(call.latency_ms, language)}</Fact>
        <Fact name={t("call.tokens")}>
          {t("call.inAndOut", {
            input: formatAmount(call.input_tokens, language),
            output: formatAmount(call.output_tokens, language),
          })}
        </Fact>
        <Fact name={t("head.cost")}>{formatCost(call.cost_usd, language)}</Fact>
        {call.failure && (
          <Fact name={t("call.failure")}>
            <ForeignName text={call.error ?? call.failure} length={200} />
          </Fact>
        )}
      </Facts>
      <h4>{t("call.request")}</h4>
      <LongText
        text={JSON.stringify(call.request, null, 2)}
        isMono
        shown={400}
        what={t("call.requestText")}
      />
      {reply !== null && call.kind !== "embedding" && (
        <>
          <h4>{t("call.reply")}</h4>
          <LongText text={reply} isMono shown={600} what={t("call.replyText")} />
        </>
      )}
    </>
  );
}
