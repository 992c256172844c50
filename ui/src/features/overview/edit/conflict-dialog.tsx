import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface ConflictDialogProps {
  /** What the server said; null closes. */
  said: string | null;
  isSaving: boolean;
  onClose: () => void;
  onTakeTheirs: () => void;
  onKeepMine: () => void;
}

/** Somebody else saved meanwhile: both choices, and what each of them loses. */
export function ConflictDialog({ said, isSaving, onClose, onTakeTheirs, onKeepMine }: ConflictDialogProps) {
  const { t } = useTranslation("overview");
  return (
    <Modal
      opened={said !== null}
      onClose={onClose}
      title={t("conflict.title")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <Stack gap="sm">
        <Text size="sm">{said}</Text>
        <Text size="sm">{t("conflict.text")}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onTakeTheirs}>
            {t("conflict.theirs")}
          </Button>
          <Button loading={isSaving} onClick={onKeepMine}>
            {t("conflict.mine")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
