import { Button, Group, Stack, Textarea } from "@mantine/core";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Incident, useIncidentAction } from "@/api/incidents";
import { Panel } from "@/components/ui/panel";
import { ErrorState } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { Timeline } from "./timeline";

/** What happened in order, and what people say of it. */
export function Discussion({ incident }: { incident: Incident }) {
  const { t } = useTranslation("incidents");
  const { scope } = usePageState();
  const comment = useIncidentAction(scope, incident.id);
  const [text, setText] = useState("");
  const area = useRef<HTMLTextAreaElement>(null);
  useShortcut("c", t("action.comment"), t("title"), () => area.current?.focus());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) comment.mutate({ do: "comment", text: text.trim() }, { onSuccess: () => setText("") });
  };
  return (
    <Panel title={t("timeline.title")}>
      <Timeline incident={incident} />
      <form onSubmit={submit}>
        <Stack gap="xs" mt="sm">
          <Textarea
            ref={area}
            label={t("action.comment")}
            rows={3}
            resize="vertical"
            maxLength={10_000}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
            }}
          />
          {comment.isError && <ErrorState error={comment.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={comment.isPending} disabled={!text.trim()}>
              {t("action.comment")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
