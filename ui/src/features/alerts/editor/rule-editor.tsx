import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type AlertRule, type RuleContent, useSaveRule } from "@/api/alert-rules";
import { catalogueQuery } from "@/api/signals";
import { CodeArea, notesOf } from "@/components/ui/code-area";
import { Note } from "@/components/ui/note";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { ErrorState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { keptSearch, usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { DeleteRuleDialog } from "./delete-dialog";
import classes from "./editor.module.css";
import { isName } from "./model";
import { PreviewPanel } from "./preview-panel";
import { RuleForm } from "./rule-form";
import { type RuleDraft, useRuleDraft } from "./use-rule-draft";

interface RuleEditorProps {
  /** Null for a rule that is not there yet. */
  original: AlertRule | null;
  content: RuleContent;
}

/** A rule as a form and as YAML side by side, with what it would have done. */
export function RuleEditor({ original, content }: RuleEditorProps) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const draft = useRuleDraft(content);
  const [isDeleting, setDeleting] = useState(false);
  const { rule } = draft;
  const saving = useSaving(draft, original);
  const isWhole = isReady(draft);
  useShortcut("mod+s", t("editor.save"), t("rules.title"), () => isWhole && saving.save());
  const title = visibleLine(pickText(rule.title, language)) || original?.name || t("editor.new");
  return (
    <Page
      title={title}
      aside={original && <code className="pw-mono">{original.name}</code>}
      actions={
        <>
          {original && original.origin !== "pack" && (
            <Button variant="default" onClick={() => setDeleting(true)}>
              {original.origin === "team" ? t("editor.delete") : t("editor.reset")}
            </Button>
          )}
          <Button disabled={!isWhole} loading={saving.isPending} onClick={saving.save}>
            {t("editor.save")}
          </Button>
        </>
      }
    >
      {original && original.origin !== "team" && <Note>{t(`editor.origin.${original.origin}`)}</Note>}
      <Problems original={original} />
      {saving.error && <ErrorState error={saving.error} />}
      <div className={classes.layout}>
        <FormPanel draft={draft} isNew={original === null} />
        <YamlPanel draft={draft} saveError={saving.error} />
      </div>
      <PreviewPanel rule={rule} isWhole={isWhole} />
      {original && (
        <DeleteRuleDialog rule={original} isOpen={isDeleting} onClose={() => setDeleting(false)} />
      )}
    </Page>
  );
}

function FormPanel({ draft, isNew }: { draft: RuleDraft; isNew: boolean }) {
  const { t } = useTranslation("alerts");
  const { data: signals } = useQuery(catalogueQuery);
  return (
    <Panel title={t("editor.form")}>
      <RuleForm rule={draft.rule} signals={signals ?? []} isNew={isNew} onChange={draft.setRule} />
    </Panel>
  );
}

function YamlPanel({ draft, saveError }: { draft: RuleDraft; saveError: Error | null }) {
  const { t } = useTranslation("alerts");
  const notes = draft.notes.length ? draft.notes : notesOf(saveError);
  return (
    <Panel title={t("editor.yaml")} note={draft.isReading ? t("editor.reading") : t("editor.yamlNote")}>
      <CodeArea label={t("editor.yaml")} value={draft.yaml} notes={notes} onChange={draft.setYaml} />
      {draft.error && draft.notes.length === 0 && <ErrorState error={draft.error} />}
    </Panel>
  );
}

function Problems({ original }: { original: AlertRule | null }) {
  const language = useLanguage();
  const noted = original ? [...original.problems, ...original.notices] : [];
  if (noted.length === 0) return null;
  return (
    <ul className={classes.problems} role="status">
      {noted.map((problem) => {
        const text = pickText(problem, language);
        return <li key={text}>{visibleLine(text)}</li>;
      })}
    </ul>
  );
}

/** Whether the draft is a whole rule, as far as this page knows; the server knows the rest. */
function isReady({ rule, error }: RuleDraft): boolean {
  const hasTitles = Boolean(rule.title.en?.trim() && rule.title.ko?.trim());
  return isName(rule.name) && hasTitles && error === null;
}

function useSaving({ rule }: RuleDraft, original: AlertRule | null) {
  const { scope } = usePageState();
  const mutation = useSaveRule(scope);
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  return {
    isPending: mutation.isPending,
    error: mutation.error,
    save: () =>
      mutation.mutate(
        { rule, revision: original?.revision ?? "" },
        {
          onSuccess: () => void navigate({ to: "/alerts/rules", search: keptSearch(search) }),
        },
      ),
  };
}
