import { useLanguage } from "@/i18n";
import { formatAge, formatInstant } from "@/lib/format";
import { useNow } from "@/lib/use-now";

/** How long ago something was; the instant itself is one hover away. */
export function Age({ at }: { at: string }) {
  const language = useLanguage();
  const now = useNow(30_000);
  return (
    <time dateTime={at} title={formatInstant(at, language)}>
      {formatAge(at, language, now)}
    </time>
  );
}
