import { MultiSelect, Select, TextInput, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { datasetVersionsQuery } from "@/api/datasets";
import type { PlannedMetric } from "@/api/eval-runs";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { AnswerFields } from "./answer-fields";
import type { FieldsProps } from "./fields";
import { HowMuchFields } from "./how-much-fields";
import classes from "./new-run.module.css";
import { countChoices, TRACKERS } from "./run-draft";
import { ThresholdFields } from "./threshold-fields";

interface MoreChoicesProps extends FieldsProps {
  planned: readonly PlannedMetric[] | undefined;
}

/** Everything that most runs leave as it is; opens when something in it is wrong. */
export function MoreChoices({ planned, ...props }: MoreChoicesProps) {
  const { t } = useTranslation("evals");
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  if (props.errors.isBehind && !isOpen) setOpen(true);
  const count = countChoices(props.draft);
  const Chevron = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <UnstyledButton
        className={classes.more}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <Chevron size={14} aria-hidden />
        {t("newRun.more")}
        {count > 0 && <small>{t("newRun.chosen", { count })}</small>}
      </UnstyledButton>
      <div id={id} hidden={!isOpen} className={classes.behind}>
        {isOpen && <Sections planned={planned} {...props} />}
      </div>
    </div>
  );
}

function Sections({ planned, ...props }: MoreChoicesProps) {
  const { t } = useTranslation("evals");
  return (
    <>
      <Section title={t("newRun.section.answers")}>
        <AnswerFields {...props} />
      </Section>
      <Section title={t("newRun.section.thresholds")}>
        <ThresholdFields planned={planned} {...props} />
      </Section>
      <Section title={t("newRun.section.howMuch")}>
        <HowMuchFields {...props} />
      </Section>
      <Section title={t("newRun.section.names")}>
        <NameFields {...props} />
      </Section>
    </>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={classes.section}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

function NameFields(props: FieldsProps) {
  const { t } = useTranslation("evals");
  const { draft, onChange, errors } = props;
  return (
    <>
      <div className={classes.pairs}>
        <TextInput
          label={t("newRun.name")}
          placeholder={draft.dataset || t("newRun.nameHint")}
          error={errors.at("name")}
          value={draft.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        <VersionField {...props} />
      </div>
      <MultiSelect
        size="xs"
        label={t("newRun.trackers")}
        description={t("newRun.trackersHint")}
        clearable
        data={TRACKERS.map((value) => ({ value, label: t(`tracker.${value}`) }))}
        error={errors.at("trackers")}
        value={draft.trackers}
        onChange={(chosen) => onChange({ trackers: TRACKERS.filter((one) => chosen.includes(one)) })}
      />
    </>
  );
}

function VersionField({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { scope } = usePageState();
  const hasDataset = draft.dataset !== "";
  const { data } = useQuery({ ...datasetVersionsQuery(scope, draft.dataset), enabled: hasDataset });
  return (
    <Select
      label={t("newRun.version")}
      placeholder={t("newRun.newest")}
      clearable
      disabled={!hasDataset}
      data={(data?.versions ?? []).map(({ number, example_count }) => ({
        value: String(number),
        label: t("newRun.versionOf", {
          number,
          count: example_count,
          written: formatCount(example_count, language),
        }),
      }))}
      value={draft.version === null ? null : String(draft.version)}
      onChange={(value) => onChange({ version: value === null ? null : Number(value) })}
    />
  );
}
