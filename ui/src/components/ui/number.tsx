import { useLanguage } from "@/i18n";
import { formatChange, writeValue } from "@/lib/format";
import classes from "./number.module.css";

/** A number of a signal with its unit set smaller. */
export function UnitNumber({ value, unit }: { value: number | null; unit: string }) {
  const language = useLanguage();
  const written = writeValue(value, unit, language);
  return (
    <span className={classes.number}>
      {written.text}
      {written.unit && <span className={classes.unit}>{written.unit}</span>}
    </span>
  );
}

interface ChangeProps {
  /** Relative, or in parts of one for a share. */
  change: number;
  /** The change as it is written; by default relatively. */
  written?: string;
  better: "higher" | "lower" | "neutral";
  label: string;
}

/** A change against the period before, with an arrow; worse changes weigh more, better ones do not shout. */
export function Change({ change, written, better, label }: ChangeProps) {
  const language = useLanguage();
  const arrow = Math.abs(change) < 0.005 ? "→" : change > 0 ? "↗" : "↘";
  const isWorse = better !== "neutral" && Math.abs(change) >= 0.005 && change > 0 !== (better === "higher");
  return (
    <span className={classes.change} data-worse={isWorse || undefined} title={label}>
      <span aria-hidden="true">{arrow}</span> {written ?? formatChange(change, language)}
      <span className="pw-visually-hidden">{label}</span>
    </span>
  );
}
