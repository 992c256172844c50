import { Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Comparison, RunChange } from "@/api/eval-comparison";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import classes from "./compare.module.css";

const SHOWN = 8;

/** What else differs between the runs: it changed together with the scores, which makes it no cause. */
export function ChangesPanel({ comparison: { changes } }: { comparison: Comparison }) {
  const { t } = useTranslation("evals");
  const [isWhole, setWhole] = useState(false);
  if (!changes) return <Empty text={t("changes.unknown")} />;
  if (changes.length === 0) return <Empty text={t("changes.none")} />;
  const known = [...changes].sort((one, other) => Number(other.is_known) - Number(one.is_known));
  return (
    <Panel title={t("changes.title")} note={t("changes.note")}>
      <ChangeList changes={isWhole ? known : known.slice(0, SHOWN)} />
      {changes.length > SHOWN && (
        <Button variant="subtle" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? t("changes.fewer") : t("changes.all", { count: changes.length })}
        </Button>
      )}
    </Panel>
  );
}

function Empty({ text }: { text: string }) {
  const { t } = useTranslation("evals");
  return (
    <Panel title={t("changes.title")}>
      <Note>{text}</Note>
    </Panel>
  );
}

function ChangeList({ changes }: { changes: readonly RunChange[] }) {
  const language = useLanguage();
  return (
    <ul className={classes.changes}>
      {changes.map((change) => (
        <li key={`${change.part} ${change.what}`}>{visibleLine(pickText(change.text, language))}</li>
      ))}
    </ul>
  );
}
