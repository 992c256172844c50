import { Code } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Analysis, AnalysisNode } from "@/api/eval-analysis";
import { BandMark } from "@/components/ui/band-mark";
import { CopyButton } from "@/components/ui/copy-button";
import { Panel } from "@/components/ui/panel";
import { pickText, useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCount } from "@/lib/format";
import classes from "./analysis.module.css";
import { silentParts } from "./parts";

const NAMES = [
  "statistics",
  "low_cases",
  "diagnostic",
  "slices",
  "failure_clusters",
  "priority",
  "retrieval",
  "question_types",
  "keywords",
  "associations",
  "trend",
  "multiturn",
] as const;

/** How the report came about: what was looked at, what was left out and why, and that no model wrote it. */
export function MethodPart({ analysis }: { analysis: Analysis }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { texts, run } = analysis;
  const silent = silentParts(analysis);
  const command = `pitwall eval analyze ${run.id} --profile NAME`;
  return (
    <Panel title={t("analysis.method")}>
      <div className={classes.method}>
        <p>{t("analysis.methodText")}</p>
        <p>
          {t("analysis.examined", {
            examined: formatCount(texts.examined, language),
            cases: formatCount(texts.cases, language),
            cut: formatCount(texts.cut, language),
          })}
        </p>
        <p>
          {t("analysis.noModel")} <Code>{command}</Code>
          <CopyButton value={command} what={t("notice.command")} />
        </p>
        {silent.length > 0 && (
          <>
            <h3>{t("analysis.leftOut")}</h3>
            <ul>
              {silent.map((node) => (
                <SilentPart key={node.node_id} node={node} />
              ))}
            </ul>
          </>
        )}
      </div>
    </Panel>
  );
}

function SilentPart({ node: { node_id, status, why, error } }: { node: AnalysisNode }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const known = NAMES.find((name) => name === node_id);
  const text = error ?? (why ? pickText(why, language) : "");
  return (
    <li>
      <b>{known ? t(`analysis.title.${known}`) : node_id}</b>
      {status === "failed" && <BandMark band="critical" withWord word={t("state.failed")} />}
      <span className="pw-foreign">{cutText(visibleLine(text), 300)}</span>
    </li>
  );
}
