import { Group, Select, Stack, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Signal } from "@/api/signals";
import { AmountInput } from "@/components/ui/amount-input";
import { Note } from "@/components/ui/note";
import { type Kind, LEVELS, type Level, type Look, stepOf, withStep } from "./model";

interface KindFieldsProps {
  kind: Kind;
  look: Look;
  signal: Signal | undefined;
  onChange: (look: Look) => void;
}

/** What a kind of condition asks for besides its signal. */
export function KindFields(props: KindFieldsProps) {
  switch (props.kind) {
    case "bands":
      return <BandsNote {...props} />;
    case "threshold":
      return <StepFields {...props} />;
    case "change":
      return <ChangeFields {...props} />;
    case "anomaly":
      return <AnomalyFields {...props} />;
    case "burn_rate":
      return <BurnRateFields {...props} />;
    case "absent":
      return null;
  }
}

function BandsNote({ signal }: KindFieldsProps) {
  const { t } = useTranslation("alerts");
  if (!signal) return null;
  const { warning, critical } = signal.bands;
  if (!warning && !critical) return <Note>{t("form.noBands")}</Note>;
  return (
    <Note>{t("form.bands", { warning: warning ?? "–", critical: critical ?? "–", unit: signal.unit })}</Note>
  );
}

function StepFields({ look, signal, onChange }: KindFieldsProps) {
  const { t } = useTranslation("alerts");
  const shown = LEVELS.filter((level) => level !== "info" || stepOf(look, level));
  return (
    <Stack gap={4}>
      {shown.map((level) => (
        <Group key={level} grow align="flex-start" preventGrowOverflow={false}>
          <StepField level={level} part="enter" look={look} onChange={onChange} />
          <StepField level={level} part="exit" look={look} onChange={onChange} />
        </Group>
      ))}
      {signal && <Note>{t("form.unit", { unit: signal.unit })}</Note>}
    </Stack>
  );
}

interface StepFieldProps {
  level: Level;
  part: "enter" | "exit";
  look: Look;
  onChange: (look: Look) => void;
}

const EXAMPLES = { enter: "> 0.05", exit: "< 0.03" } as const;

function StepField({ level, part, look, onChange }: StepFieldProps) {
  const { t } = useTranslation("alerts");
  const step = stepOf(look, level) ?? { enter: "", exit: "" };
  return (
    <TextInput
      label={t(`form.${part}`, { level: t(`severity.${level}`) })}
      placeholder={EXAMPLES[part]}
      maxLength={40}
      styles={{ input: { fontFamily: "var(--pw-mono)" } }}
      value={step[part] ?? ""}
      onChange={(event) => onChange(withStep(look, level, { ...step, [part]: event.currentTarget.value }))}
    />
  );
}

const AGAINST = ["previous", "yesterday", "last_week"] as const;
const MEASURES = ["ratio", "difference"] as const;

function ChangeFields(props: KindFieldsProps) {
  const { t } = useTranslation("alerts");
  const { look, onChange } = props;
  return (
    <>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <Select
          label={t("form.against")}
          allowDeselect={false}
          data={AGAINST.map((value) => ({ value, label: t(`against.${value}`) }))}
          value={String(look.against ?? "previous")}
          onChange={(against) => against && onChange({ ...look, against })}
        />
        <Select
          label={t("form.measure")}
          allowDeselect={false}
          data={MEASURES.map((value) => ({ value, label: t(`measure.${value}`) }))}
          value={String(look.measure ?? "ratio")}
          onChange={(measure) => measure && onChange({ ...look, measure })}
        />
      </Group>
      <StepFields {...props} />
    </>
  );
}

const DIRECTIONS = ["both", "up", "down"] as const;
const DETECTORS = ["seasonal", "isolation_forest", "change_point", "rolling_z"] as const;

function AnomalyFields({ look, onChange }: KindFieldsProps) {
  const { t } = useTranslation("alerts");
  return (
    <Group grow align="flex-start" preventGrowOverflow={false}>
      <Select
        label={t("form.detector")}
        allowDeselect={false}
        data={DETECTORS.map((value) => ({ value, label: t(`detector.${value}`) }))}
        value={String(look.detector ?? DETECTORS[0])}
        onChange={(detector) => detector && onChange({ ...look, detector })}
      />
      <Select
        label={t("form.direction")}
        allowDeselect={false}
        data={DIRECTIONS.map((value) => ({ value, label: t(`direction.${value}`) }))}
        value={String(look.direction ?? "both")}
        onChange={(direction) => direction && onChange({ ...look, direction })}
      />
      <AmountInput
        label={t("form.falseAlarms")}
        min={0.01}
        max={1000}
        value={Number(look.false_alarms_per_week ?? 1)}
        onChange={(value) => value !== null && onChange({ ...look, false_alarms_per_week: value })}
      />
    </Group>
  );
}

function BurnRateFields({ look, onChange }: KindFieldsProps) {
  const { t } = useTranslation("alerts");
  return (
    <AmountInput
      label={t("form.objective")}
      description={t("form.objectiveHint")}
      min={0}
      max={1}
      step={0.001}
      decimalScale={5}
      value={Number(look.objective ?? 0.99)}
      onChange={(value) => value !== null && onChange({ ...look, objective: value })}
    />
  );
}
