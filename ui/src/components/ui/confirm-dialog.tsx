import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { ErrorState } from "./states";

interface ConfirmDialogProps {
  title: string;
  text: string;
  confirm: string;
  cancel: string;
  close: string;
  isPending: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something is done that cannot be undone, and says what went wrong. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ "aria-label": props.close }}
    >
      <Stack gap="sm">
        <Text size="sm">{props.text}</Text>
        {props.error && <ErrorState error={props.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            {props.cancel}
          </Button>
          <Button loading={props.isPending} onClick={props.onConfirm}>
            {props.confirm}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
