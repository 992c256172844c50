import { cutText, visibleLine } from "@/lib/foreign-text";
import { NO_VALUE } from "@/lib/format";

/** A name or id from outside on one line. */
export function ForeignName({ text, length = 80 }: { text: string; length?: number }) {
  const shown = visibleLine(text);
  return (
    <bdi title={shown.length > length ? cutText(shown, 400) : undefined}>
      {cutText(shown, length) || NO_VALUE}
    </bdi>
  );
}
