import { Button, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { sessionQuery, useLogIn } from "@/api/session";
import { ErrorState } from "@/components/ui/states";

/** Asks for a key where the server needs one; otherwise shows what is inside. */
export function KeyGate({ children }: { children: ReactNode }) {
  const session = useQuery(sessionQuery);
  const isRefused = session.error instanceof ApiProblem && session.error.status === 401;
  if (session.data?.needs_key || isRefused) return <KeyForm />;
  // Without an answer the page comes up all the same: each of its parts says what it could not get.
  return children;
}

function KeyForm() {
  const { t } = useTranslation("shell");
  const [key, setKey] = useState("");
  const logIn = useLogIn();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim()) logIn.mutate(key.trim());
  };
  return (
    <main style={{ display: "grid", placeItems: "center", minHeight: "100vh", padding: 16 }}>
      <Paper component="form" onSubmit={submit} withBorder p="lg" w={380} maw="100%">
        <Stack>
          <Title order={1} fz="lg">
            {t("key.title")}
          </Title>
          <Text size="sm">{t("key.why")}</Text>
          <PasswordInput
            label={t("key.label")}
            placeholder="pw_…"
            autoComplete="current-password"
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            data-autofocus
          />
          <Text size="xs" c="dimmed">
            {t("key.how")} <code className="pw-mono">{KEY_COMMAND}</code>
          </Text>
          {logIn.isError && <ErrorState error={logIn.error} />}
          <Button type="submit" size="sm" loading={logIn.isPending} disabled={!key.trim()}>
            {t("key.enter")}
          </Button>
        </Stack>
      </Paper>
    </main>
  );
}

const KEY_COMMAND = "pitwall keys create --name ui --scopes read,act";
