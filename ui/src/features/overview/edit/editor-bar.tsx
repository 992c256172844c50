import { Button, Menu, TextInput } from "@mantine/core";
import { IconArrowBackUp, IconChevronDown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import classes from "./editor-bar.module.css";
import type { Draft, Step } from "./model";

interface EditorBarProps {
  draft: Draft;
  isNew: boolean;
  hasChanges: boolean;
  canUndo: boolean;
  isSaving: boolean;
  onStep: (step: Step) => void;
  onSave: () => void;
  onSaveAs: () => void;
  onYaml: () => void;
  onCancel: () => void;
}

/** The name of the board that is changed, and what to do with the changes. */
export function EditorBar(props: EditorBarProps) {
  const { draft, isNew, hasChanges, canUndo, isSaving, onStep } = props;
  const { t } = useTranslation("overview");
  return (
    <div className={classes.bar}>
      <div className={classes.fields}>
        <Words draft={draft} part="title" label={t("edit.boardTitle")} max={100} onStep={onStep} />
        <Words
          draft={draft}
          part="description"
          label={t("edit.boardDescription")}
          max={400}
          onStep={onStep}
        />
      </div>
      <div className={classes.actions}>
        <Button
          variant="default"
          leftSection={<IconArrowBackUp size={14} aria-hidden />}
          disabled={!canUndo}
          onClick={() => onStep({ do: "undo" })}
        >
          {t("edit.undo")}
        </Button>
        <Button variant="default" onClick={props.onYaml}>
          {t("edit.yaml")}
        </Button>
        <Button variant="default" onClick={props.onCancel}>
          {t("cancel")}
        </Button>
        <Button.Group>
          <Button loading={isSaving} disabled={!hasChanges} onClick={props.onSave}>
            {isNew ? t("edit.saveNew") : t("edit.save")}
          </Button>
          {!isNew && (
            <Menu position="bottom-end">
              <Menu.Target>
                <Button px={6} aria-label={t("edit.saveMore")}>
                  <IconChevronDown size={14} aria-hidden />
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item onClick={props.onSaveAs}>{t("edit.saveAs")}</Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </Button.Group>
      </div>
    </div>
  );
}

interface WordsProps {
  draft: Draft;
  part: "title" | "description";
  label: string;
  max: number;
  onStep: (step: Step) => void;
}

/** A text of the board in the language of the page; the other one stays, or follows while it is empty or alike. */
function Words({ draft, part, label, max, onStep }: WordsProps) {
  const language = useLanguage();
  const other = language === "ko" ? "en" : "ko";
  const text = draft[part];
  const change = (value: string) => {
    const follows = !text[other] || text[other] === text[language];
    const words = { ...text, [language]: value, ...(follows ? { [other]: value } : {}) };
    onStep({ do: "describe", title: draft.title, description: draft.description, [part]: words });
  };
  return (
    <TextInput
      label={label}
      maxLength={max}
      value={text[language] ?? ""}
      className={classes[part]}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}
