import { Button, Group, Modal, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { readOverviewSearch } from "../search";

/** Asks before changes are lost: by a link, the browser's back, or a closed tab. Another range loses nothing. */
export function LeaveGuard({ isOn }: { isOn: boolean }) {
  const { t } = useTranslation("overview");
  const { proceed, reset, status } = useBlocker({
    shouldBlockFn: ({ current, next }) => isOn && leaves(current, next),
    enableBeforeUnload: () => isOn,
    withResolver: true,
  });
  return (
    <Modal
      opened={status === "blocked"}
      onClose={() => reset?.()}
      title={t("leave.title")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <Text size="sm">{t("leave.text")}</Text>
      <Group justify="flex-end" mt="sm">
        <Button variant="default" onClick={() => proceed?.()}>
          {t("leave.discard")}
        </Button>
        <Button onClick={() => reset?.()}>{t("leave.stay")}</Button>
      </Group>
    </Modal>
  );
}

interface Place {
  pathname: string;
  search: object;
}

function leaves(current: Place, next: Place): boolean {
  const [here, there] = [current, next].map(({ search }) => readOverviewSearch({ ...search }));
  const stays = next.pathname === current.pathname && there?.edit === true && there.board === here?.board;
  return !stays;
}
