import { useTranslation } from "react-i18next";
import { type Probe, useRemoveProbe } from "@/api/probes";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { usePageState } from "@/lib/page-state";

/** Removes a probe, or takes back what the team changed on one of a pack; asks first. */
export function RemoveProbe({ probe, onClose }: { probe: Probe; onClose: () => void }) {
  const { t } = useTranslation("health");
  const { scope } = usePageState();
  const removal = useRemoveProbe(scope);
  const { name } = probe;
  return (
    <ConfirmDialog
      title={t("probe.remove", { name })}
      text={probe.is_changed ? t("probe.resetText") : t("probe.removeText")}
      confirm={probe.is_changed ? t("probe.reset") : t("probe.removeWord")}
      cancel={t("form.cancel")}
      close={t("form.close")}
      isPending={removal.isPending}
      error={removal.error}
      onConfirm={() => removal.mutate(name, { onSuccess: onClose })}
      onClose={onClose}
    />
  );
}
