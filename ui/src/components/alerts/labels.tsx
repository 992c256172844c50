import { useTranslation } from "react-i18next";
import { cutText, visibleLine } from "@/lib/foreign-text";
import classes from "./marks.module.css";

const SHOWN = 80;

/** Labels as names and values; they come from outside. */
export function Labels({ labels }: { labels: Readonly<Record<string, string>> }) {
  const { t } = useTranslation("alerts");
  const entries = Object.entries(labels);
  if (entries.length === 0) return null;
  return (
    <ul className={classes.labels} aria-label={t("labels")}>
      {entries.map(([name, value]) => (
        <li key={name} title={`${visibleLine(name)}: ${cutText(visibleLine(value), 400)}`}>
          <span>{visibleLine(name)}</span> <bdi>{cutText(visibleLine(value), SHOWN) || "–"}</bdi>
        </li>
      ))}
    </ul>
  );
}
