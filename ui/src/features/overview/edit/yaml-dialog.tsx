import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Board, type BoardContent, boardYamlQuery, useParseBoard } from "@/api/boards";
import { CodeArea, notesOf } from "@/components/ui/code-area";
import { CopyButton } from "@/components/ui/copy-button";
import { ErrorState, QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";

interface YamlDialogProps {
  board: Board;
  isOpen: boolean;
  onClose: () => void;
  /** Take what was written; absent where the text is only looked at. */
  onApply?: ((content: BoardContent) => void) | undefined;
  /** Applying would replace changes that are not saved. */
  hasChanges?: boolean;
}

/** A board as YAML, as packs hold it. */
export function YamlDialog(props: YamlDialogProps) {
  const { t } = useTranslation("overview");
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      size="xl"
      title={t("yaml.title")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <Loaded {...props} />
    </Modal>
  );
}

function Loaded(props: YamlDialogProps) {
  const { scope } = usePageState();
  const { board } = props;
  const yaml = useQuery({
    ...boardYamlQuery(scope, board.name, board.revision),
    enabled: props.isOpen && board.name !== "",
  });
  if (board.name === "") return <YamlEditor {...props} saved={SKELETON} />;
  return (
    <QueryView query={yaml} height={360} skeletonRows={8}>
      {(text) => <YamlEditor {...props} saved={text} />}
    </QueryView>
  );
}

function YamlEditor({ saved, onApply, onClose, hasChanges }: YamlDialogProps & { saved: string }) {
  const { t } = useTranslation("overview");
  const [text, setText] = useState(saved);
  const parse = useParseBoard();
  const notes = notesOf(parse.error);
  const apply = () =>
    parse.mutate(text, {
      onSuccess: ({ board }) => {
        onApply?.(board);
        onClose();
      },
    });
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {onApply ? t("yaml.edit") : t("yaml.view")} {onApply && hasChanges && t("yaml.replaces")}
      </Text>
      <CodeArea
        label={t("yaml.title")}
        value={text}
        notes={notes}
        onChange={
          onApply
            ? (value) => {
                setText(value);
                parse.reset();
              }
            : undefined
        }
      />
      {parse.isError && notes.length === 0 && <ErrorState error={parse.error} />}
      <Group justify="flex-end">
        <CopyButton value={text} what={t("yaml.name")} />
        {onApply && (
          <Button loading={parse.isPending} onClick={apply}>
            {t("yaml.apply")}
          </Button>
        )}
      </Group>
    </Stack>
  );
}

const SKELETON = `name: my_board
title: {en: My board, ko: 내 보드}
description: {en: "", ko: ""}
tiles:
  - {signal: requests.count}
charts:
  - title: {en: Requests, ko: 요청}
    kind: bars
    signals: [requests.count]
`;
