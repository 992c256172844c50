import {
  type Icon,
  IconAlertCircle,
  IconFileOff,
  IconGaugeOff,
  IconMessageOff,
  IconThumbDown,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { MISSED_REASONS, type MissedReason } from "@/api/missed";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import classes from "./missed.module.css";

const ICONS: Readonly<Record<MissedReason, Icon>> = {
  no_hits: IconFileOff,
  refusal: IconMessageOff,
  low_score: IconGaugeOff,
  negative_feedback: IconThumbDown,
  error: IconAlertCircle,
};

export function ReasonIcon({ reason }: { reason: MissedReason }) {
  const Shape = ICONS[reason];
  return <Shape size={14} stroke={1.6} aria-hidden className={classes.icon} />;
}

interface ReasonMarksProps {
  /** Requests by reason. */
  counts: { readonly [reason: string]: number | undefined };
  /** All of them: a reason that each of them has needs no number. */
  total: number;
}

/** Why a question counts as missed: quiet shapes, each with its word. */
export function ReasonMarks({ counts, total }: ReasonMarksProps) {
  const { t } = useTranslation("missed");
  const language = useLanguage();
  return (
    <ul className={classes.reasons}>
      {MISSED_REASONS.filter((reason) => counts[reason]).map((reason) => (
        <li key={reason} title={t(`meaning.${reason}`)}>
          <ReasonIcon reason={reason} />
          {t(`reason.${reason}`)}
          {counts[reason] !== total && <b>{formatCount(counts[reason] ?? 0, language)}</b>}
        </li>
      ))}
    </ul>
  );
}
