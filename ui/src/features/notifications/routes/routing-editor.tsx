import { Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { type Routing, routingYamlQuery, useSaveRouting } from "@/api/routing";
import { CodeArea, notesOf } from "@/components/ui/code-area";
import { ErrorState, QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";

interface RoutingEditorProps {
  routing: Routing;
  onDone: () => void;
}

/** The tree as YAML; what is wrong is said at its line. */
export function RoutingEditor({ routing, onDone }: RoutingEditorProps) {
  const { scope } = usePageState();
  const query = useQuery(routingYamlQuery(scope, routing.revision));
  return (
    <QueryView query={query} height={420} skeletonRows={8}>
      {(yaml) => (
        <Editor
          saved={routing.route === null ? SKELETON : yaml}
          revision={routing.revision}
          onDone={onDone}
        />
      )}
    </QueryView>
  );
}

interface EditorProps {
  saved: string;
  revision: string;
  onDone: () => void;
}

function Editor({ saved, revision, onDone }: EditorProps) {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const [text, setText] = useState(saved);
  const saving = useSaveRouting(scope);
  const notes = notesOf(saving.error);
  const isConflict = saving.error instanceof ApiProblem && saving.error.status === 409;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t("route.editHint")}
      </Text>
      <CodeArea
        label={t("route.yaml")}
        value={text}
        notes={notes}
        onChange={(value) => {
          setText(value);
          saving.reset();
        }}
      />
      {saving.isError && notes.length === 0 && <ErrorState error={saving.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          {t("cancel")}
        </Button>
        <Button
          loading={saving.isPending}
          disabled={isConflict}
          onClick={() => saving.mutate({ yaml: text, revision }, { onSuccess: onDone })}
        >
          {t("save")}
        </Button>
      </Group>
    </Stack>
  );
}

const SKELETON = `route:
  receivers: [default]
  group_by: [rule, service]
  repeat_interval: 4h
  routes:
    - matchers: ['severity="critical"']
      receivers: [default]
      repeat_interval: 1h
inhibit: []
`;
