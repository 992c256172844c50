import { useState } from "react";
import { useShortcut } from "./shortcuts";

interface RowKeyTexts {
  next: string;
  previous: string;
  open: string;
  /** Heading of the help sheet. */
  group: string;
}

/** Which row of a short list is at hand: `j` and `k` move, `o` opens it. Null until somebody moved. */
export function useRowKeys(
  count: number,
  onOpen: (index: number) => void,
  texts: RowKeyTexts,
): number | null {
  const [at, setAt] = useState<number | null>(null);
  const active = at === null || count === 0 ? null : Math.min(at, count - 1);
  const move = (by: number) => {
    if (count === 0) return;
    const next = active === null ? 0 : Math.max(0, Math.min(count - 1, active + by));
    setAt(next);
    document.querySelector(`[data-row="${next}"]`)?.scrollIntoView?.({ block: "nearest" });
  };
  useShortcut("j", texts.next, texts.group, () => move(1));
  useShortcut("k", texts.previous, texts.group, () => move(-1));
  useShortcut("o", texts.open, texts.group, () => {
    if (active !== null) onOpen(active);
  });
  return active;
}
