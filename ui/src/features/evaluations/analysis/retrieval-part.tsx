import { useTranslation } from "react-i18next";
import { ShareBars } from "@/components/charts/share-bars";
import { Fact, Totals } from "@/components/ui/facts";
import { Panel } from "@/components/ui/panel";
import { useLanguage } from "@/i18n";
import { formatCount, formatNumber, formatPercent, NO_VALUE } from "@/lib/format";
import classes from "./analysis.module.css";
import type { Retrieval } from "./parts";

/** What retrieval brought: how much, whether it is about the question, and what of it answers rest on. */
export function RetrievalPart({ retrieval }: { retrieval: Retrieval | undefined }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  if (!retrieval) return null;
  const { contexts_per_case, empty, chunks } = retrieval;
  const ofCases = (n: number) => t("analysis.ofCases", { count: n, written: formatCount(n, language) });
  const percent = (share: number | null) => (share === null ? NO_VALUE : formatPercent(share, language));
  return (
    <Panel anchor="retrieval" title={t("analysis.title.retrieval")} note={ofCases(retrieval.cases)}>
      <Totals>
        <Fact name={t("analysis.retrieval.contexts")}>
          {contexts_per_case.mean === null ? NO_VALUE : formatNumber(contexts_per_case.mean, language)}
        </Fact>
        <Fact name={t("analysis.retrieval.empty")}>
          {percent(empty.share)}
          <small>{ofCases(empty.n)}</small>
        </Fact>
        <Fact name={t("analysis.retrieval.overlap")}>{percent(retrieval.keyword_overlap.mean)}</Fact>
        <Fact name={t("analysis.retrieval.reference")}>{percent(retrieval.reference_terms.mean)}</Fact>
        {chunks && (
          <>
            <Fact name={t("analysis.retrieval.unused")}>
              {percent(chunks.unused_share)}
              <small>
                {t("analysis.part", {
                  part: formatCount(chunks.unused, language),
                  whole: formatCount(chunks.chunks, language),
                })}
              </small>
            </Fact>
            <Fact name={t("analysis.retrieval.unsupported")}>
              {formatCount(chunks.unsupported_claims, language)}
              <small>{t("analysis.whole", { whole: formatCount(chunks.claims, language) })}</small>
            </Fact>
          </>
        )}
      </Totals>
      {chunks && (
        <div className={classes.ranks}>
          <h3>{t("analysis.retrieval.byRank")}</h3>
          <ShareBars
            label={t("analysis.retrieval.byRank")}
            parts={chunks.used_by_rank.map(({ rank, share, n }) => ({
              label: t("analysis.retrieval.rank", { rank: formatCount(rank, language) }),
              share,
              amount: ofCases(n),
            }))}
          />
        </div>
      )}
    </Panel>
  );
}
