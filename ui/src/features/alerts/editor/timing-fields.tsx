import { Group, Select, Switch, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { RuleContent } from "@/api/alert-rules";
import { AmountInput } from "@/components/ui/amount-input";
import { readLabels, writeLabels } from "@/lib/labels";
import { type Kind, LEVELS, type Level, withPart } from "./model";

interface TimingFieldsProps {
  rule: RuleContent;
  kind: Kind | null;
  onChange: (rule: RuleContent) => void;
}

const ADDRESS = "https://";
const LABELS = "team=search";
const NODATA = ["keep", "alert", "ok"] as const;

/** How long things must last, what becomes of missing data, and what is said besides. */
export function TimingFields({ rule, kind, onChange }: TimingFieldsProps) {
  const { t } = useTranslation("alerts");
  const hasLevels = kind === "bands" || kind === "threshold" || kind === "change" || kind === "burn_rate";
  return (
    <>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <LengthField part="window" standard="5m" rule={rule} onChange={onChange} />
        <LengthField part="for" standard="0s" rule={rule} onChange={onChange} />
        <LengthField part="recover_for" standard="2m" rule={rule} onChange={onChange} />
      </Group>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <AmountInput
          label={t("form.min_samples")}
          min={1}
          max={1_000_000}
          allowDecimal={false}
          value={rule.min_samples ?? null}
          onChange={(value) => onChange(withPart(rule, "min_samples", value))}
        />
        <Select
          label={t("form.nodata")}
          allowDeselect={false}
          data={NODATA.map((value) => ({ value, label: t(`nodata.${value}`) }))}
          value={rule.nodata ?? "keep"}
          onChange={(value) =>
            onChange(
              withPart(rule, "nodata", value === "keep" ? undefined : NODATA.find((one) => one === value)),
            )
          }
        />
        {!hasLevels && (
          <Select
            label={t("column.severity")}
            allowDeselect={false}
            data={LEVELS.map((value) => ({ value, label: t(`severity.${value}`) }))}
            value={rule.severity ?? "warning"}
            onChange={(value) => onChange(withPart(rule, "severity", value as Level))}
          />
        )}
      </Group>
      <LabelsField rule={rule} onChange={onChange} />
      <TextInput
        label={t("facts.runbook")}
        placeholder={ADDRESS}
        maxLength={500}
        value={rule.runbook ?? ""}
        onChange={(event) => onChange(withPart(rule, "runbook", event.currentTarget.value))}
      />
      <Switch
        size="xs"
        label={t("form.enabled")}
        checked={rule.enabled ?? true}
        onChange={(event) => onChange({ ...rule, enabled: event.currentTarget.checked })}
      />
    </>
  );
}

interface LengthFieldProps extends Omit<TimingFieldsProps, "kind"> {
  part: "window" | "for" | "recover_for";
  standard: string;
}

function LengthField({ part, standard, rule, onChange }: LengthFieldProps) {
  const { t } = useTranslation("alerts");
  return (
    <TextInput
      label={t(`form.${part}`)}
      placeholder={standard}
      maxLength={20}
      value={rule[part] ?? ""}
      onChange={(event) => onChange(withPart(rule, part, event.currentTarget.value.trim()))}
    />
  );
}

/** Labels are taken over when the field is left: half of one is none. */
function LabelsField({ rule, onChange }: Omit<TimingFieldsProps, "kind">) {
  const { t } = useTranslation("alerts");
  const written = writeLabels(rule.labels);
  const [text, setText] = useState(written);
  useEffect(() => setText(written), [written]);
  return (
    <TextInput
      label={t("form.labels")}
      placeholder={LABELS}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => {
        if (text !== written) onChange(withPart(rule, "labels", readLabels(text)));
      }}
    />
  );
}
