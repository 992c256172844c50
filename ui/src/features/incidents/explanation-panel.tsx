import { useTranslation } from "react-i18next";
import type { Explanation, Incident } from "@/api/incidents";
import type { Stretch } from "@/components/alerts/links";
import { Fact, Totals } from "@/components/ui/facts";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { pickText, useLanguage } from "@/i18n";
import { visibleText } from "@/lib/foreign-text";
import { formatValue, writeDifference } from "@/lib/format";
import { Contributions, Examples } from "./contributions";
import classes from "./explanation.module.css";

interface ExplanationPanelProps {
  incident: Incident;
  time: Stretch;
}

/** What explains the incident: a sentence with numbers, then the parts that changed most as ranked bars. */
export function ExplanationPanel({ incident, time }: ExplanationPanelProps) {
  const { t } = useTranslation("incidents");
  const { explanation } = incident;
  return (
    <Panel title={t("explanation.title")} {...(explanation ? { note: explanation.signal } : {})}>
      {explanation ? (
        <Explained explanation={explanation} incident={incident} time={time} />
      ) : (
        <Note>{t("explanation.none")}</Note>
      )}
    </Panel>
  );
}

function Explained({ explanation, time, incident }: ExplanationPanelProps & { explanation: Explanation }) {
  const { t } = useTranslation("incidents");
  const language = useLanguage();
  const { before, now, unit, contributions, elsewhere, example_trace_ids } = explanation;
  const change = writeDifference(now, before, unit, language);
  return (
    <>
      <p className={`${classes.sentence} pw-foreign`}>{visibleText(pickText(explanation.text, language))}</p>
      {(before !== null || now !== null) && (
        <Totals>
          <Fact name={t("explanation.before")}>{formatValue(before, unit, language)}</Fact>
          <Fact name={t("explanation.now")}>
            {formatValue(now, unit, language)}
            {change && <small>{change.text}</small>}
          </Fact>
        </Totals>
      )}
      {elsewhere && (
        <Note>
          {t("explanation.elsewhere", {
            before: formatValue(elsewhere.before, unit, language),
            now: formatValue(elsewhere.now, unit, language),
          })}
        </Note>
      )}
      {contributions.length > 0 && (
        <Contributions contributions={contributions} unit={unit} incident={incident} time={time} />
      )}
      {contributions.length === 0 && <Examples ids={example_trace_ids} />}
    </>
  );
}
