import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { IconCheck, IconRotate2, IconUser, IconUserCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Incident, type IncidentAction, useIncidentAction } from "@/api/incidents";
import { sessionQuery } from "@/api/session";
import { ErrorState } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";

type Open = "assign" | "resolve" | null;

/** What people do with an incident; each has a key. */
export function IncidentActions({ incident }: { incident: Incident }) {
  const { t } = useTranslation("incidents");
  const { scope } = usePageState();
  const action = useIncidentAction(scope, incident.id);
  const [open, setOpen] = useState<Open>(null);
  const isOver = incident.state === "resolved";
  const close = () => {
    setOpen(null);
    action.reset();
  };
  const run = (what: IncidentAction) => action.mutate(what, { onSuccess: close });
  const acknowledge = () => incident.state === "open" && run({ do: "acknowledge" });
  useShortcut("a", t("action.acknowledge"), t("title"), () => void acknowledge());
  useShortcut("m", t("action.assign"), t("title"), () => setOpen("assign"));
  useShortcut("r", isOver ? t("action.reopen") : t("action.resolve"), t("title"), () =>
    isOver ? run({ do: "reopen" }) : setOpen("resolve"),
  );
  return (
    <>
      {action.isError && open === null && <ErrorState error={action.error} />}
      {incident.state === "open" && (
        <Button
          leftSection={<IconUserCheck size={14} aria-hidden />}
          loading={action.isPending}
          onClick={acknowledge}
        >
          {t("action.acknowledge")}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconUser size={14} aria-hidden />}
        onClick={() => setOpen("assign")}
      >
        {t("action.assign")}
      </Button>
      {isOver ? (
        <Button
          variant="default"
          leftSection={<IconRotate2 size={14} aria-hidden />}
          loading={action.isPending}
          onClick={() => run({ do: "reopen" })}
        >
          {t("action.reopen")}
        </Button>
      ) : (
        <Button
          variant="default"
          leftSection={<IconCheck size={14} aria-hidden />}
          onClick={() => setOpen("resolve")}
        >
          {t("action.resolve")}
        </Button>
      )}
      <ActionDialog
        key={open}
        open={open}
        incident={incident}
        isPending={action.isPending}
        error={action.error}
        onClose={close}
        onRun={run}
      />
    </>
  );
}

interface ActionDialogProps {
  open: Open;
  incident: Incident;
  isPending: boolean;
  error: Error | null;
  onClose: () => void;
  onRun: (action: IncidentAction) => void;
}

function ActionDialog({ open, incident, isPending, error, onClose, onRun }: ActionDialogProps) {
  const { t } = useTranslation("incidents");
  const kind = open ?? "resolve";
  return (
    <Modal
      opened={open !== null}
      onClose={onClose}
      title={t(`dialog.${kind}`)}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <TextForm
        label={t(`dialog.${kind}Label`)}
        button={t(`action.${kind}`)}
        initial={kind === "assign" ? (incident.assignee ?? "") : ""}
        hasMe={kind === "assign"}
        isPending={isPending}
        error={error}
        onSubmit={(text) =>
          onRun(
            kind === "assign" ? { do: "assign", to: text || null } : { do: "resolve", note: text || null },
          )
        }
      />
    </Modal>
  );
}

interface TextFormProps {
  label: string;
  button: string;
  initial: string;
  /** Offers the person's own name. */
  hasMe: boolean;
  isPending: boolean;
  error: Error | null;
  onSubmit: (text: string) => void;
}

function TextForm({ label, button, initial, hasMe, isPending, error, onSubmit }: TextFormProps) {
  const { t } = useTranslation("incidents");
  const [text, setText] = useState(initial);
  const { data: session } = useQuery(sessionQuery);
  const me = session?.principal?.name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(text.trim());
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          label={label}
          data-autofocus
          maxLength={500}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {error && <ErrorState error={error} />}
        <Group justify="flex-end">
          {hasMe && me && (
            <Button variant="default" onClick={() => onSubmit(me)}>
              {t("dialog.toMe", { name: me })}
            </Button>
          )}
          <Button type="submit" loading={isPending}>
            {button}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
