import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatDuration, formatPercent } from "@/lib/format";
import detailClasses from "../span/details.module.css";
import classes from "./flame.module.css";
import { costliest, type FlameNode } from "./model";

const SHOWN = 10;

interface OwnTimesProps {
  nodes: readonly FlameNode[];
  total: number;
  /** Look for a function in the graph. */
  onChoose: (name: string) => void;
}

/** The functions that took most time themselves; choosing one marks it in the graph. */
export function OwnTimes({ nodes, total, onChoose }: OwnTimesProps) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const rows = useMemo(() => costliest(nodes, SHOWN), [nodes]);
  return (
    <section>
      <h3 className={detailClasses.heading}>{t("profile.costliest")}</h3>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t("profile.function")}</th>
            <th scope="col">{t("profile.self")}</th>
            <th scope="col">{t("profile.share")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, file, self_ms }) => (
            <tr key={JSON.stringify([name, file])}>
              <td>
                <button type="button" className="pw-mono" onClick={() => onChoose(name)}>
                  {cutText(visibleLine(name), 200)}
                </button>
                {file && <small className="pw-mono">{cutText(visibleLine(file), 200)}</small>}
              </td>
              <td>{formatDuration(self_ms, language)}</td>
              <td>{formatPercent(total > 0 ? self_ms / total : 0, language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
