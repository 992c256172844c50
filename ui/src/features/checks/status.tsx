import { useTranslation } from "react-i18next";
import type { CheckItem, CheckReport } from "@/api/checks";
import { type Band, BandMark } from "@/components/ui/band-mark";

export type CheckStatus = CheckItem["status"] | CheckReport["status"] | "never";

const BANDS: Record<CheckStatus, Band> = {
  passed: "normal",
  warning: "warning",
  failed: "critical",
  error: "critical",
  skipped: "no_data",
  never: "no_data",
};

/** What became of an item or a list, as a word with a mark. */
export function CheckMark({ status }: { status: CheckStatus }) {
  const { t } = useTranslation("checks");
  return <BandMark band={BANDS[status]} withWord word={t(`status.${status}`)} />;
}
