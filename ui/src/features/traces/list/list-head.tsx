import { useTranslation } from "react-i18next";
import { useColumnTitle } from "../use-column-title";
import type { Words } from "../use-words";
import type { ListColumn } from "./columns";
import classes from "./trace-list.module.css";

/** The titles of the columns; they stay in sight. */
export function ListHead({ columns, words }: { columns: readonly ListColumn[]; words: Words }) {
  const { t } = useTranslation("traces");
  const titleOf = useColumnTitle(words);
  return (
    <div role="rowgroup" className={classes.head}>
      <div role="row" aria-rowindex={1} className={classes.headRow}>
        {columns.map(({ name, isNumber }) => (
          <span
            key={name}
            role="columnheader"
            className={classes.cell}
            data-number={isNumber || undefined}
            title={name === "tokens" ? t("list.tokensHint") : titleOf(name)}
          >
            {titleOf(name)}
          </span>
        ))}
      </div>
    </div>
  );
}
