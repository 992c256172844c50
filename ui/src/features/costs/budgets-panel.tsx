import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Budget, budgetsQuery } from "@/api/costs";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { BudgetForm } from "./budget-form";
import { BudgetTable } from "./budget-table";
import { RemoveBudget } from "./remove-budget";

/** Budgets: how much of each is used, and whether it will hold. */
export function BudgetsPanel() {
  const { t } = useTranslation("costs");
  const { scope } = usePageState();
  const query = useQuery(budgetsQuery(scope));
  const [edited, setEdited] = useState<Budget | "new" | null>(null);
  const [removed, setRemoved] = useState<Budget | null>(null);
  const add = (
    <Button
      variant="default"
      leftSection={<IconPlus size={14} aria-hidden />}
      onClick={() => setEdited("new")}
    >
      {t("budget.add")}
    </Button>
  );
  return (
    <Panel title={t("budget.title")} actions={add} isFlush>
      <QueryView query={query} height={120} skeletonRows={3}>
        {(budgets) =>
          budgets.length ? (
            <BudgetTable budgets={budgets} onEdit={setEdited} onRemove={setRemoved} />
          ) : (
            <EmptyState title={t("budget.none")}>{t("budget.noneHint")}</EmptyState>
          )
        }
      </QueryView>
      {edited && (
        <BudgetForm
          budget={edited === "new" ? null : edited}
          taken={(query.data ?? []).map(({ name }) => name)}
          onClose={() => setEdited(null)}
        />
      )}
      {removed && <RemoveBudget budget={removed} onClose={() => setRemoved(null)} />}
    </Panel>
  );
}
