import { Button, Group, Modal, MultiSelect, Stack, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { evalMetricsQuery } from "@/api/eval-metrics";
import { type OnlineRule, useSaveOnlineRule } from "@/api/online-rules";
import { AmountInput } from "@/components/ui/amount-input";
import { ErrorState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { usePageState } from "@/lib/page-state";
import { asksModel, bodyOf, draftOf, EMPTY_RULE, isLive, isWhole, type RuleDraft } from "./rule-draft";

interface RuleDialogProps {
  /** Absent: a new one. */
  rule?: OnlineRule | undefined;
  onSaved: (name: string) => void;
  onClose: () => void;
}

interface FieldsProps {
  draft: RuleDraft;
  onChange: (values: Partial<RuleDraft>) => void;
}

/** Makes a rule or changes one. */
export function RuleDialog({ rule, onSaved, onClose }: RuleDialogProps) {
  const { t } = useTranslation("online");
  const { scope } = usePageState();
  const saving = useSaveOnlineRule(scope);
  const [draft, setDraft] = useState<RuleDraft>(() => (rule ? draftOf(rule) : EMPTY_RULE));
  const change = (values: Partial<RuleDraft>) => setDraft((known) => ({ ...known, ...values }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isWhole(draft)) return;
    const name = rule?.name ?? draft.name.trim();
    saving.mutate({ name, body: bodyOf(draft, rule?.enabled ?? true) }, { onSuccess: () => onSaved(name) });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={rule ? t("form.change", { name: rule.name }) : t("form.new")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          {!rule && (
            <TextInput
              label={t("form.name")}
              required
              data-autofocus
              value={draft.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
            />
          )}
          <WhatFields draft={draft} onChange={change} />
          <BudgetFields draft={draft} onChange={change} />
          {saving.isError && <ErrorState error={saving.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("cancel")}
            </Button>
            <Button type="submit" disabled={!isWhole(draft)} loading={saving.isPending}>
              {t("form.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function WhatFields({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation("online");
  return (
    <>
      <MetricsField draft={draft} onChange={onChange} />
      <TagsInput
        size="xs"
        label={t("form.filters")}
        description={t("form.filtersHint")}
        clearable
        value={draft.filters}
        onChange={(filters) => onChange({ filters })}
      />
      <Group gap="xs" align="flex-end">
        <Amount
          label={t("form.percent")}
          value={draft.percent}
          onChange={(percent) => onChange({ percent })}
          most={100}
        />
        <Amount
          label={t("form.settle")}
          title={t("form.settleHint")}
          value={draft.settleSeconds}
          onChange={(settleSeconds) => onChange({ settleSeconds })}
          most={3600}
        />
      </Group>
    </>
  );
}

/** Metrics that can judge live traces; what the rule has already stays, with its options. */
function MetricsField({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation("online");
  const language = useLanguage();
  const { scope } = usePageState();
  const { data } = useQuery(evalMetricsQuery(scope));
  const live = (data?.metrics ?? []).filter(isLive);
  const entry = ({ name, title }: (typeof live)[number]) => ({
    value: name,
    label: `${pickText(title, language)} (${name})`,
  });
  const known = new Set(live.map(({ name }) => name));
  const others = draft.metrics.filter((name) => !known.has(name));
  return (
    <MultiSelect
      size="xs"
      label={t("form.metrics")}
      description={t("form.metricsHint")}
      required
      searchable
      clearable
      hidePickedOptions
      data={[
        { group: t("form.byCode"), items: live.filter((one) => !asksModel(one)).map(entry) },
        { group: t("form.byModel"), items: live.filter(asksModel).map(entry) },
        ...(others.length > 0 ? [{ group: t("form.others"), items: others }] : []),
      ]}
      value={draft.metrics}
      onChange={(metrics) => onChange({ metrics })}
    />
  );
}

function BudgetFields({ draft, onChange }: FieldsProps) {
  const { t } = useTranslation("online");
  return (
    <>
      <TextInput
        size="xs"
        label={t("form.profile")}
        description={t("form.profileHint")}
        value={draft.profile}
        onChange={(event) => onChange({ profile: event.currentTarget.value })}
      />
      <Group gap="xs" align="flex-end">
        <Amount
          label={t("form.maxCalls")}
          value={draft.maxCalls}
          onChange={(maxCalls) => onChange({ maxCalls })}
          isWhole
        />
        <Amount
          label={t("form.maxCost")}
          placeholder={t("form.noLimit")}
          value={draft.maxCost}
          onChange={(maxCost) => onChange({ maxCost })}
        />
      </Group>
    </>
  );
}

interface AmountProps {
  label: string;
  title?: string;
  placeholder?: string;
  value: number | null;
  onChange: (value: number | null) => void;
  most?: number;
  isWhole?: boolean;
}

function Amount({ label, title, placeholder, value, onChange, most, isWhole = false }: AmountProps) {
  return (
    <AmountInput
      flex="1 1 140px"
      label={label}
      {...(title ? { title } : {})}
      {...(placeholder ? { placeholder } : {})}
      {...(most ? { max: most } : {})}
      allowDecimal={!isWhole}
      value={value}
      onChange={onChange}
    />
  );
}
