import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Advice, adviceQuery } from "@/api/costs";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { formatNumber, formatPercent } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { Between, Usd } from "./amounts";
import classes from "./costs.module.css";
import { SuggestionCard } from "./suggestion-card";

/** What could be saved, with the money it saves and what it rests on. */
export function AdvicePanel() {
  const { t } = useTranslation("costs");
  const { scope } = usePageState();
  const query = useQuery(adviceQuery(scope));
  return (
    <Panel title={t("advice.title")}>
      <QueryView query={query} height={240} skeletonRows={4}>
        {(advice) => <Suggestions advice={advice} />}
      </QueryView>
    </Panel>
  );
}

function Suggestions({ advice }: { advice: Advice }) {
  const { t } = useTranslation("costs");
  const { suggestions, combined } = advice;
  if (suggestions.length === 0) {
    return (
      <>
        <Note>{Number(advice.basis.cost_usd) === 0 ? t("advice.noSpend") : t("advice.none")}</Note>
        <Rest advice={advice} />
      </>
    );
  }
  return (
    <>
      <p className={classes.saving}>
        {t("advice.together")} <Usd amount={combined.saving_usd_per_month} />
        <small>
          <Between low={combined.saving_low} high={combined.saving_high} />
        </small>
      </p>
      <div className={classes.cards}>
        {suggestions.map((suggestion, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: suggestions of one kind may be about the same model
          <SuggestionCard key={`${suggestion.kind} ${index}`} suggestion={suggestion} />
        ))}
      </div>
      <Rest advice={advice} />
    </>
  );
}

/** What the advice rests on, and what could not be looked for. */
function Rest({ advice }: { advice: Advice }) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  const { basis, skipped } = advice;
  return (
    <>
      <Note>
        {t("advice.basis", {
          days: formatNumber(basis.days, language),
          share: formatPercent(basis.texts_share, language),
        })}
      </Note>
      {skipped.length > 0 && (
        <ul className={classes.skipped} aria-label={t("advice.skipped")}>
          {skipped.map(({ kind, reason }) => (
            <li key={kind}>
              <strong>{t(`kind.${kind}`)}</strong> · {pickText(reason, language)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
