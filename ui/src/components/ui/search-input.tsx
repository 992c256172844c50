import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type Ref, useEffect, useRef, useState } from "react";

const TYPING_REST_MS = 250;

interface SearchInputProps {
  label: string;
  value: string;
  /** Called once typing rests. */
  onChange: (text: string) => void;
  ref?: Ref<HTMLInputElement>;
}

/** A text to look for, which usually lives in the URL. */
export function SearchInput({ label, value, onChange, ref }: SearchInputProps) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setText(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <TextInput
      ref={ref}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={14} aria-hidden />}
      w={240}
      value={text}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setText(next);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => onChange(next.trim()), TYPING_REST_MS);
      }}
    />
  );
}
