import { Button } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDeleteDataset } from "@/api/datasets";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { keptSearch, usePageState } from "@/lib/page-state";

/** Deletes a dataset with all its versions, after asking. */
export function DeleteButton({ name }: { name: string }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const navigate = useNavigate();
  const search = keptSearch(useSearch({ strict: false }));
  const [isAsking, setAsking] = useState(false);
  const deleting = useDeleteDataset(scope);
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t("dataset.delete")}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t("dataset.deleteTitle", { name })}
          text={t("dataset.deleteText")}
          confirm={t("dataset.delete")}
          cancel={t("cancelWord")}
          close={t("close")}
          isPending={deleting.isPending}
          error={deleting.error}
          onConfirm={() =>
            deleting.mutate(name, {
              onSuccess: () => void navigate({ to: "/evaluations/datasets", search }),
            })
          }
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
