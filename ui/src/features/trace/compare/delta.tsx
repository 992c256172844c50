import classes from "./compare.module.css";

interface DeltaBarProps {
  /** Between -1 and 1; the number stands beside it as text. */
  share: number;
}

/** How much more (to the right) or less (to the left) something is. */
export function DeltaBar({ share }: DeltaBarProps) {
  const width = Math.min(Math.abs(share), 1) * 50;
  const isLess = share < 0;
  return (
    <span className={classes.delta} aria-hidden="true">
      <span
        data-less={isLess || undefined}
        style={{ width: `${width}%`, [isLess ? "right" : "left"]: "50%" }}
      />
    </span>
  );
}

/** What the second is more than the first; null where one of them is not known. */
export function differenceOf(
  left: number | null | undefined,
  right: number | null | undefined,
): number | null {
  return left == null || right == null ? null : right - left;
}

/** A difference with its sign before what it is written as. */
export function signed(difference: number | null, write: (size: number) => string): string {
  if (difference === null) return "";
  if (difference === 0) return "=";
  return `${difference > 0 ? "+" : "−"}${write(Math.abs(difference))}`;
}
