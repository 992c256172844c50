import { useTranslation } from "react-i18next";
import classes from "./band-mark.module.css";

export type Band = "normal" | "warning" | "critical" | "no_data";

interface BandMarkProps {
  band: Band;
  withWord?: boolean;
  /** Stands for the name of the band where a state has a name of its own. */
  word?: string;
}

/** A band as a shape: never colour alone. Its word is read out, and shown if asked for. */
export function BandMark({ band, withWord = false, word: given }: BandMarkProps) {
  const { t } = useTranslation();
  const word = given ?? t(`band.${band}`);
  return (
    <span className={classes.mark} data-band={band} title={withWord ? undefined : word}>
      <svg viewBox="0 0 12 12" aria-hidden="true" focusable="false">
        <BandShape band={band} />
      </svg>
      <span className={withWord ? undefined : "pw-visually-hidden"}>{word}</span>
    </span>
  );
}

function BandShape({ band }: { band: Band }) {
  switch (band) {
    case "warning":
      return <path d="M6 1.2 11.4 10.8H.6Z" fill="currentColor" />;
    case "critical":
      return <path d="M6 .4 11.6 6 6 11.6.4 6Z" fill="currentColor" />;
    case "no_data":
      return (
        <circle
          cx="6"
          cy="6"
          r="4.4"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.6"
          strokeDasharray="2.2 1.6"
        />
      );
    case "normal":
      return <circle cx="6" cy="6" r="3" fill="currentColor" />;
  }
}
