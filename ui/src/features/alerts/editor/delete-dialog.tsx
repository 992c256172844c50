import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type AlertRule, useDeleteRule } from "@/api/alert-rules";
import { ErrorState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch, usePageState } from "@/lib/page-state";

interface DeleteRuleDialogProps {
  rule: AlertRule;
  isOpen: boolean;
  onClose: () => void;
}

/** Deletes a rule of the team, or takes back what it changed on one of a pack; asks first. */
export function DeleteRuleDialog({ rule, isOpen, onClose }: DeleteRuleDialogProps) {
  const { t } = useTranslation("alerts");
  const title = pickText(rule.title, useLanguage());
  const { scope } = usePageState();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const deletion = useDeleteRule(scope);
  const what = rule.origin === "team" ? "delete" : "reset";
  const run = () =>
    deletion.mutate(rule.name, {
      onSuccess: () => {
        onClose();
        void navigate({ to: "/alerts/rules", search: keptSearch(search) });
      },
    });
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t(`remove.${what}Title`, { title })}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <Stack gap="sm">
        <Text size="sm">{t(`remove.${what}Text`)}</Text>
        {deletion.isError && <ErrorState error={deletion.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button loading={deletion.isPending} onClick={run}>
            {t(`remove.${what}`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
