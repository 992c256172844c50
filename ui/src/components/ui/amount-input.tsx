import { NumberInput, type NumberInputProps } from "@mantine/core";
import { useState } from "react";

interface AmountInputProps extends Omit<NumberInputProps, "value" | "defaultValue" | "onChange"> {
  value: number | null;
  onChange: (value: number | null) => void;
}

/** A number, or nothing. What is half written, such as `0.`, stays as it is written. */
export function AmountInput({ value, onChange, ...props }: AmountInputProps) {
  const [written, setWritten] = useState<string | number>(value ?? "");
  return (
    <NumberInput
      size="xs"
      min={0}
      allowNegative={false}
      {...props}
      value={written}
      onChange={(given) => {
        setWritten(given);
        onChange(amountOf(given));
      }}
    />
  );
}

function amountOf(given: string | number): number | null {
  const amount = typeof given === "number" ? given : given.trim() === "" ? Number.NaN : Number(given);
  return Number.isFinite(amount) ? amount : null;
}
