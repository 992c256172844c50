import { useTranslation } from "react-i18next";
import type { ErrorSplit, ErrorSplits } from "@/api/error-groups";
import { ShareBars, type SharePart } from "@/components/charts/share-bars";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCount } from "@/lib/format";
import classes from "./errors.module.css";

const COLUMNS = ["version", "model", "environment", "name"] as const satisfies (keyof ErrorSplits)[];
const SHOWN = 8;

/** What the failures of a group have in common: the value that has most of them is the first to look at. */
export function Splits({ splits }: { splits: ErrorSplits }) {
  return (
    <div className={classes.splits}>
      {COLUMNS.map((column) => (
        <Split key={column} column={column} values={splits[column]} />
      ))}
    </div>
  );
}

function Split({ column, values }: { column: (typeof COLUMNS)[number]; values: readonly ErrorSplit[] }) {
  const { t } = useTranslation("errors");
  const parts = useParts(values);
  const title = t(`split.${column}`);
  return (
    <Panel title={title} note={values.length > SHOWN ? t("split.first", { count: SHOWN }) : undefined}>
      {parts.length ? <ShareBars parts={parts} label={title} /> : <Note>{t("split.none")}</Note>}
    </Panel>
  );
}

function useParts(values: readonly ErrorSplit[]): SharePart[] {
  const { t } = useTranslation("errors");
  const language = useLanguage();
  const all = values.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return [];
  return values
    .filter(({ count }) => count > 0)
    .slice(0, SHOWN)
    .map(({ value, count }) => ({
      label: value === null ? t("split.without") : cutText(visibleLine(value), 120),
      share: count / all,
      amount: formatCount(count, language),
    }));
}
