import { useTranslation } from "react-i18next";
import type { ProbeStatus } from "@/api/probes";
import { type Band, BandMark } from "@/components/ui/band-mark";

const BANDS: Record<ProbeStatus, Band> = {
  up: "normal",
  degraded: "warning",
  down: "critical",
  unknown: "no_data",
};

/** How a service is, as a word with a mark. */
export function ProbeMark({ status }: { status: ProbeStatus }) {
  const { t } = useTranslation("health");
  return <BandMark band={BANDS[status]} withWord word={t(`status.${status}`)} />;
}
