import { useLanguage } from "@/i18n";
import { formatPercent } from "@/lib/format";
import classes from "./share-bars.module.css";

export interface SharePart {
  label: string;
  /** Between 0 and 1. */
  share: number;
  /** What it is a share of, written out; empty where the share is all there is. */
  amount?: string;
}

/** Parts of a whole as horizontal bars with their percentages, of which the eye compares lengths better than angles. */
export function ShareBars({ parts, label }: { parts: readonly SharePart[]; label: string }) {
  const language = useLanguage();
  const longest = Math.max(...parts.map(({ share }) => share), 0);
  return (
    <table className={classes.table} aria-label={label}>
      <tbody>
        {parts.map((part) => (
          <tr key={part.label}>
            <th scope="row" className={classes.label} title={part.label}>
              {part.label}
            </th>
            <td className={classes.bar} aria-hidden="true">
              <span style={{ width: `${longest > 0 ? (part.share / longest) * 100 : 0}%` }} />
            </td>
            {part.amount && <td className={classes.amount}>{part.amount}</td>}
            <td className={classes.share}>{formatPercent(part.share, language)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
