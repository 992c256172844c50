import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Board, useDeleteBoard } from "@/api/boards";
import { ErrorState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch, usePageState } from "@/lib/page-state";

interface DeleteDialogProps {
  board: Board;
  isOpen: boolean;
  onClose: () => void;
}

/** Deletes a board of the team, or takes back what it changed on one of a pack; asks first. */
export function DeleteDialog({ board, isOpen, onClose }: DeleteDialogProps) {
  const { t } = useTranslation("overview");
  const title = pickText(board.title, useLanguage());
  const { scope } = usePageState();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const deletion = useDeleteBoard(scope);
  const isReset = board.pack !== null;
  const run = () =>
    deletion.mutate(board.name, {
      onSuccess: () => {
        onClose();
        if (!isReset) void navigate({ to: "/", search: keptSearch(search) });
      },
    });
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={isReset ? t("remove.resetTitle", { title }) : t("remove.deleteTitle", { title })}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <Stack gap="sm">
        <Text size="sm">{isReset ? t("remove.resetText") : t("remove.deleteText")}</Text>
        {deletion.isError && <ErrorState error={deletion.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
          <Button loading={deletion.isPending} onClick={run}>
            {isReset ? t("remove.reset") : t("remove.delete")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
