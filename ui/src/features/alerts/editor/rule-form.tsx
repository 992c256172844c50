import { Group, MultiSelect, Select, Stack, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { RuleContent } from "@/api/alert-rules";
import type { Signal } from "@/api/signals";
import { Note } from "@/components/ui/note";
import { pickText, useLanguage } from "@/i18n";
import { KindFields } from "./kind-fields";
import { isName, KINDS, type Kind, kindOf, lookOf, withKind, withLook, withPart } from "./model";
import { TimingFields } from "./timing-fields";

interface RuleFormProps {
  rule: RuleContent;
  signals: readonly Signal[];
  isNew: boolean;
  onChange: (rule: RuleContent) => void;
}

/** The usual parts of a rule as fields; the rest is in the YAML beside it. */
export function RuleForm({ rule, signals, isNew, onChange }: RuleFormProps) {
  const { t } = useTranslation("alerts");
  const kind = kindOf(rule.when);
  return (
    <Stack gap="sm">
      {isNew && (
        <TextInput
          label={t("form.name")}
          description={t("form.nameHint")}
          required
          maxLength={64}
          error={rule.name && !isName(rule.name) ? t("form.nameWrong") : null}
          value={rule.name}
          onChange={(event) => onChange({ ...rule, name: event.currentTarget.value.trim() })}
        />
      )}
      <Titles rule={rule} onChange={onChange} />
      {kind ? (
        <Condition rule={rule} kind={kind} signals={signals} onChange={onChange} />
      ) : (
        <Note>{t("form.compound")}</Note>
      )}
      <TimingFields rule={rule} kind={kind} onChange={onChange} />
    </Stack>
  );
}

type PartProps = Pick<RuleFormProps, "rule" | "onChange">;

function Titles({ rule, onChange }: PartProps) {
  const { t } = useTranslation("alerts");
  const set = (language: "en" | "ko", text: string) =>
    onChange({ ...rule, title: { ...rule.title, [language]: text } });
  return (
    <Group grow align="flex-start" preventGrowOverflow={false}>
      <TextInput
        label={t("form.titleEn")}
        required
        maxLength={120}
        value={rule.title.en}
        onChange={(event) => set("en", event.currentTarget.value)}
      />
      <TextInput
        label={t("form.titleKo")}
        required
        maxLength={120}
        value={rule.title.ko}
        onChange={(event) => set("ko", event.currentTarget.value)}
      />
    </Group>
  );
}

interface ConditionProps extends PartProps {
  kind: Kind;
  signals: readonly Signal[];
}

function Condition({ rule, kind, signals, onChange }: ConditionProps) {
  const { t } = useTranslation("alerts");
  const language = useLanguage();
  const look = lookOf(rule.when, kind);
  const signal = signals.find(({ name }) => name === look.signal);
  const options = signals.map(({ name, title }) => ({
    value: name,
    label: `${pickText(title, language)} (${name})`,
  }));
  const isKnown = signal !== undefined || look.signal === "";
  return (
    <>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <Select
          label={t("form.kind")}
          allowDeselect={false}
          data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
          description={t(`kindHint.${kind}`)}
          inputWrapperOrder={["label", "input", "description", "error"]}
          value={kind}
          onChange={(value) => value && onChange(withKind(rule, value as Kind))}
        />
        <Select
          label={t("form.signal")}
          required
          searchable
          allowDeselect={false}
          data={isKnown ? options : [{ value: look.signal, label: look.signal }, ...options]}
          error={isKnown ? null : t("form.noSignal")}
          value={look.signal || null}
          onChange={(value) => value && onChange(withLook(rule, kind, { ...look, signal: value }))}
        />
      </Group>
      <KindFields
        kind={kind}
        look={look}
        signal={signal}
        onChange={(next) => onChange(withLook(rule, kind, next))}
      />
      <MultiSelect
        size="xs"
        label={t("form.by")}
        description={t("form.byHint")}
        searchable
        maxValues={6}
        data={[...new Set([...(signal?.by ?? []), ...(rule.by ?? [])])]}
        value={[...(rule.by ?? [])]}
        onChange={(by) => onChange(withPart(rule, "by", by))}
      />
      <TextInput
        label={t("form.where")}
        placeholder={EXAMPLE}
        maxLength={1000}
        styles={{ input: { fontFamily: "var(--pw-mono)" } }}
        value={rule.where ?? ""}
        onChange={(event) => onChange(withPart(rule, "where", event.currentTarget.value))}
      />
    </>
  );
}

const EXAMPLE = "service = 'shop-chat' and model = 'qwen2.5:7b'";
