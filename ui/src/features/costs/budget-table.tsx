import { ActionIcon } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Budget, BudgetUse } from "@/api/costs";
import { type Band, BandMark } from "@/components/ui/band-mark";
import { type DataColumn, DataTable } from "@/components/ui/data-table";
import { ForeignName } from "@/components/ui/foreign-name";
import { pickText, useLanguage } from "@/i18n";
import { formatPercent, NO_VALUE } from "@/lib/format";
import { Usd } from "./amounts";
import classes from "./costs.module.css";

interface BudgetTableProps {
  budgets: readonly Budget[];
  onEdit: (budget: Budget) => void;
  onRemove: (budget: Budget) => void;
}

const BANDS: Record<BudgetUse["level"], Band> = {
  unknown: "no_data",
  ok: "normal",
  half: "normal",
  nearly: "warning",
  over: "critical",
};

/** Budgets, one a row, with what is used of each. */
export function BudgetTable({ budgets, onEdit, onRemove }: BudgetTableProps) {
  const { t } = useTranslation("costs");
  const columns: DataColumn<Budget>[] = [
    { ...{ name: "name", title: t("budget.name") }, cell: ({ name }) => <ForeignName text={name} /> },
    { ...{ name: "of", title: t("budget.of"), isWide: true }, cell: (budget) => <Subject budget={budget} /> },
    {
      ...{ name: "period", title: t("budget.period"), isWide: true },
      cell: ({ period }) => t(`period.${period}`),
    },
    { ...{ name: "level", title: t("budget.level") }, cell: ({ use }) => <Level use={use} /> },
    {
      ...{ name: "gauge", title: t("budget.gauge"), isTitleHidden: true, isWide: true },
      cell: ({ use }) => <Gauge use={use} />,
    },
    {
      ...{ name: "spent", title: t("budget.spent"), isNumber: true },
      cell: ({ use, amount_usd }) => (
        <>
          <Usd amount={use?.spent_usd ?? null} /> / <Usd amount={amount_usd} />
        </>
      ),
    },
    {
      ...{ name: "forecast", title: t("budget.forecast"), isNumber: true, isWide: true },
      cell: ({ use }) => <Forecast use={use} />,
    },
    {
      ...{ name: "actions", title: t("budget.actions"), isTitleHidden: true, isNumber: true },
      cell: (budget) => <Actions budget={budget} onEdit={onEdit} onRemove={onRemove} />,
    },
  ];
  return <DataTable label={t("budget.title")} columns={columns} rows={budgets} keyOf={({ name }) => name} />;
}

function Subject({ budget }: { budget: Budget }) {
  const { t } = useTranslation("costs");
  const parts = [budget.service, budget.user, budget.model, budget.environment].filter(
    (part) => part !== null,
  );
  return parts.length ? <ForeignName text={parts.join(" · ")} /> : t("budget.everything");
}

/** How far a budget is used, as a word with a mark. */
function Level({ use }: { use: BudgetUse | null }) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  const level = use?.level ?? "unknown";
  const share = use?.used ?? null;
  const word = t(`level.${level}`, { used: share === null ? "" : formatPercent(share, language) });
  return <BandMark band={BANDS[level]} withWord word={word} />;
}

/** The bar reaches a quarter beyond the budget, so that what is over can be seen. */
const REACH = 1.25;
const MARKS = [0.5, 0.8, 1] as const;
const placeOf = (share: number) => `${(Math.max(0, Math.min(share, REACH)) / REACH) * 100}%`;

/** What is used, with marks at half, four fifths and all of it, and where the period will end. */
function Gauge({ use }: { use: BudgetUse | null }) {
  return (
    <div className={classes.gauge} aria-hidden="true">
      <span className={classes.used} data-level={use?.level} style={{ width: placeOf(use?.used ?? 0) }} />
      {MARKS.map((mark) => (
        <span key={mark} className={classes.mark} style={{ left: placeOf(mark) }} />
      ))}
      {use?.projected != null && (
        <span className={classes.forecast} style={{ left: placeOf(use.projected) }} />
      )}
    </div>
  );
}

function Forecast({ use }: { use: BudgetUse | null }) {
  const language = useLanguage();
  if (!use) return NO_VALUE;
  const { projection, projected } = use;
  return (
    <span title={pickText(projection.text, language)}>
      <Usd amount={projection.usd} />
      {projected !== null && ` (${formatPercent(projected, language)})`}
    </span>
  );
}

interface ActionsProps {
  budget: Budget;
  onEdit: (budget: Budget) => void;
  onRemove: (budget: Budget) => void;
}

function Actions({ budget, onEdit, onRemove }: ActionsProps) {
  const { t } = useTranslation("costs");
  const { name } = budget;
  return (
    <span className={classes.actions}>
      <ActionIcon size="sm" aria-label={t("budget.edit", { name })} onClick={() => onEdit(budget)}>
        <IconPencil size={14} aria-hidden />
      </ActionIcon>
      {budget.origin !== "pack" && (
        <ActionIcon size="sm" aria-label={t("budget.remove", { name })} onClick={() => onRemove(budget)}>
          <IconTrash size={14} aria-hidden />
        </ActionIcon>
      )}
    </span>
  );
}
