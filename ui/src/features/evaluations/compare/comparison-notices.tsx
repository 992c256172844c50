import { useTranslation } from "react-i18next";
import type { Comparison, Notice } from "@/api/eval-comparison";
import { BandMark } from "@/components/ui/band-mark";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import classes from "./compare.module.css";

/** What has to be known before the numbers are believed; another ruler loudly. */
export function ComparisonNotices({ comparison: { notices, ruler } }: { comparison: Comparison }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const loud = notices.filter(({ is_other_ruler }) => is_other_ruler);
  const quiet = notices.filter(({ is_other_ruler }) => !is_other_ruler);
  return (
    <>
      {loud.length > 0 && (
        <section className={classes.loud} role="alert">
          <h2>
            <BandMark band="critical" word={t("comparison.otherRuler")} />
            {t("comparison.otherRuler")}
          </h2>
          <p>{t("comparison.otherRulerText")}</p>
          <NoticeList notices={loud} />
        </section>
      )}
      {(quiet.length > 0 || ruler.length > 0) && (
        <section className={classes.quiet}>
          <NoticeList notices={quiet} />
          {ruler.length > 0 && (
            <ul>
              {ruler.map((check) => (
                <li key={check.metric}>{visibleLine(pickText(check.text, language))}</li>
              ))}
            </ul>
          )}
        </section>
      )}
    </>
  );
}

function NoticeList({ notices }: { notices: readonly Notice[] }) {
  const language = useLanguage();
  if (notices.length === 0) return null;
  return (
    <ul>
      {notices.map((notice) => (
        <li key={`${notice.kind} ${notice.metric}`}>{visibleLine(pickText(notice.text, language))}</li>
      ))}
    </ul>
  );
}
