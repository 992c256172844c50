import { useTranslation } from "react-i18next";
import { type Budget, useRemoveBudget } from "@/api/costs";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { usePageState } from "@/lib/page-state";

/** Removes a budget, or takes back what the team changed on one of a pack; asks first. */
export function RemoveBudget({ budget, onClose }: { budget: Budget; onClose: () => void }) {
  const { t } = useTranslation("costs");
  const { scope } = usePageState();
  const removal = useRemoveBudget(scope);
  const { name } = budget;
  const isReset = budget.origin === "changed";
  return (
    <ConfirmDialog
      title={t("budget.remove", { name })}
      text={isReset ? t("budget.resetText") : t("budget.removeText")}
      confirm={isReset ? t("budget.reset") : t("budget.removeWord")}
      cancel={t("form.cancel")}
      close={t("form.close")}
      isPending={removal.isPending}
      error={removal.error}
      onConfirm={() => removal.mutate(name, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
