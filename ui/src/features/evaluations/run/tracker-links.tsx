import { useTranslation } from "react-i18next";
import type { TrackerLink } from "@/api/eval-runs";
import { Fact } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";

/** Where a run was sent to, how much of it arrived, and what sends the rest. */
export function TrackerLinks({ links }: { links: readonly TrackerLink[] }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  return links.map((link) => (
    <Fact key={link.tracker} name={t(`tracker.${link.tracker}`)}>
      {link.url ? (
        <a href={link.url} target="_blank" rel="noreferrer noopener">
          {t(`tracker.state.${link.state}`)}
        </a>
      ) : (
        t(`tracker.state.${link.state}`)
      )}
      <small>
        {t("tracker.arrived", {
          sent: formatCount(link.cases_sent, language),
          cases: formatCount(link.cases, language),
        })}
      </small>
      {link.reason && (
        <small>
          <ForeignName text={link.reason} length={120} />
        </small>
      )}
      {link.send_again && <code className="pw-mono">{link.send_again}</code>}
    </Fact>
  ));
}
