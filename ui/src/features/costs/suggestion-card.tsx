import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Suggestion } from "@/api/costs";
import { ForeignName } from "@/components/ui/foreign-name";
import { LongText } from "@/components/ui/long-text";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatNumber } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { Between, Usd } from "./amounts";
import classes from "./costs.module.css";

/** One thing that would save money. */
export function SuggestionCard({ suggestion }: { suggestion: Suggestion }) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  const about = [suggestion.service, suggestion.model].filter(Boolean).join(" · ");
  return (
    <article className={classes.card}>
      <h3 className="pw-foreign">{pickText(suggestion.title, language)}</h3>
      <div className={classes.saving}>
        <Usd amount={suggestion.saving_usd_per_month} />
        <small>
          {t("advice.perMonth")} <Between low={suggestion.saving_low} high={suggestion.saving_high} />
        </small>
      </div>
      <span className={classes.faint}>
        {t(`confidence.${suggestion.confidence}`)}
        {about && (
          <>
            {" · "}
            <ForeignName text={about} />
          </>
        )}
      </span>
      <p className="pw-foreign">{pickText(suggestion.detail, language)}</p>
      <Examples ids={suggestion.example_trace_ids} />
      <details>
        <summary>{t("advice.evidence")}</summary>
        <p className={classes.faint}>{pickText(suggestion.note, language)}</p>
        <Evidence evidence={suggestion.evidence} />
      </details>
    </article>
  );
}

function Examples({ ids }: { ids: readonly string[] }) {
  const { t } = useTranslation("costs");
  const search = keptSearch(useSearch({ strict: false }));
  if (ids.length === 0) return null;
  return (
    <div className={classes.examples}>
      <span className={classes.faint}>{t("advice.examples")}</span>
      {ids.map((id) => (
        <Link key={id} to="/traces/$traceId" params={{ traceId: id }} search={search}>
          <code className="pw-mono">{id.slice(0, 8)}</code>
        </Link>
      ))}
    </div>
  );
}

/** The figures as the server has them; each kind of advice has its own. */
function Evidence({ evidence }: { evidence: Suggestion["evidence"] }) {
  const language = useLanguage();
  return (
    <table className={classes.evidence}>
      <tbody>
        {Object.entries(evidence).map(([name, value]) => (
          <tr key={name}>
            <th scope="row" className="pw-mono">
              {visibleLine(name)}
            </th>
            <td>
              {typeof value === "number" ? (
                formatNumber(value, language)
              ) : (
                <LongText
                  text={typeof value === "string" ? value : JSON.stringify(value, null, 2)}
                  shown={300}
                  isMono
                />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
