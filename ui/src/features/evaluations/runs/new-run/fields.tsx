import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { AmountInput } from "@/components/ui/amount-input";
import type { RunDraft } from "./run-draft";
import type { RunErrors } from "./run-errors";

/** What every part of the form gets. */
export interface FieldsProps {
  draft: RunDraft;
  onChange: (values: Partial<RunDraft>) => void;
  errors: RunErrors;
}

interface AmountProps {
  label: string;
  description?: string;
  placeholder?: string;
  error: string | undefined;
  value: number | null;
  onChange: (value: number | null) => void;
  least?: number;
  most?: number;
  step?: number;
  isWhole?: boolean;
}

/** A number, or nothing. */
export function Amount(props: AmountProps) {
  const { label, description, placeholder, error, value, onChange, least = 0, most, step, isWhole } = props;
  return (
    <AmountInput
      label={label}
      {...(description ? { description } : {})}
      {...(placeholder ? { placeholder } : {})}
      {...(most === undefined ? {} : { max: most })}
      {...(step === undefined ? {} : { step })}
      inputWrapperOrder={["label", "input", "description", "error"]}
      min={least}
      allowNegative={least < 0}
      allowDecimal={!isWhole}
      error={error}
      value={value}
      onChange={onChange}
    />
  );
}

interface PlaceProps {
  label: string;
  /** What may stand here. */
  example: string;
  error: string | undefined;
  value: string;
  onChange: (value: string) => void;
}

/** Where in the reply of a service something stands; empty for what it does not tell. */
export function Place({ label, example, error, value, onChange }: PlaceProps) {
  const { t } = useTranslation("evals");
  return (
    <TextInput
      label={label}
      placeholder={t("newRun.service.example", { path: example })}
      spellCheck={false}
      error={error}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
