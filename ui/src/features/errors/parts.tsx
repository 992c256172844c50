import { useTranslation } from "react-i18next";
import type { ErrorGroup, GroupStatus } from "@/api/error-groups";
import { type Band, BandMark } from "@/components/ui/band-mark";
import { Change } from "@/components/ui/number";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatChange, formatCount, relativeChange } from "@/lib/format";
import { ERROR_CLASSES, type ErrorClass } from "./search";

const BANDS: Record<GroupStatus, Band> = {
  new: "warning",
  regressed: "critical",
  ongoing: "normal",
  quiet: "no_data",
};

/** Whether an error is new or came back, as a word with a mark. */
export function StatusMark({ status }: { status: GroupStatus }) {
  const { t } = useTranslation("errors");
  return (
    <span title={t(`statusHint.${status}`)}>
      <BandMark band={BANDS[status]} withWord word={t(`status.${status}`)} />
    </span>
  );
}

/** How many there are against the time before. */
export function CountChange({ group }: { group: Pick<ErrorGroup, "count" | "previous_count"> }) {
  const { t } = useTranslation("errors");
  const language = useLanguage();
  const { count, previous_count } = group;
  const change = relativeChange(count, previous_count);
  const label = t("before", { count: formatCount(previous_count, language) });
  // Where there was none before there is no share to speak of.
  if (change === null) return <span className="pw-visually-hidden">{label}</span>;
  const written = change >= 10 ? t("times", { factor: formatCount(count / previous_count, language) }) : null;
  return (
    <Change
      change={change}
      better="lower"
      label={label}
      written={written ?? formatChange(change, language)}
    />
  );
}

/** The class in the person's language; classes that are not known stay as they are. */
export function useClassName(): (name: string | null) => string {
  const { t } = useTranslation("errors");
  return (name) => {
    if (name === null) return t("noClass");
    return isKnownClass(name) ? t(`class.${name}`) : visibleLine(name);
  };
}

function isKnownClass(name: string): name is ErrorClass {
  return ERROR_CLASSES.some((known) => known === name);
}

/** What a group is called: its message, or its type. */
export function useGroupTitle(): (group: ErrorGroup) => string {
  const { t } = useTranslation("errors");
  return ({ message, error_type }) =>
    cutText(visibleLine(message || error_type || ""), 300) || t("noMessage");
}
