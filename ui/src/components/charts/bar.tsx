import classes from "./bar.module.css";

interface BarProps {
  /** Between 0 and 1. */
  share: number;
  band?: "normal" | "warning" | "critical" | undefined;
}

/** A horizontal bar; the number it shows stands beside it as text. */
export function Bar({ share, band = "normal" }: BarProps) {
  const width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return (
    <span className={classes.track} aria-hidden="true">
      <span className={classes.fill} data-band={band} style={{ width }} />
    </span>
  );
}
