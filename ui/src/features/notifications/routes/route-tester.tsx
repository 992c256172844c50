import { Button, Group, Stack, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTryRouting, type Ways } from "@/api/routing";
import { ErrorState } from "@/components/ui/states";
import { visibleLine } from "@/lib/foreign-text";
import { readLabels } from "@/lib/labels";
import { usePageState } from "@/lib/page-state";
import classes from "../notifications.module.css";

const EXAMPLE = "severity=critical, service=shop-chat, rule=errors.rate";

/** Where an alert with some labels would go now, and what would keep people from being told. */
export function RouteTester({ onFound }: { onFound: (ways: Ways | null) => void }) {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const trial = useTryRouting(scope);
  const [text, setText] = useState("severity=critical");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    trial.mutate(readLabels(text), { onSuccess: onFound });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Textarea
          label={t("route.labels")}
          description={t("route.labelsHint")}
          placeholder={EXAMPLE}
          rows={3}
          resize="vertical"
          styles={{ input: { fontFamily: "var(--pw-mono)" } }}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            trial.reset();
            onFound(null);
          }}
        />
        <Group>
          <Button type="submit" loading={trial.isPending}>
            {t("route.where")}
          </Button>
        </Group>
        {trial.isError && <ErrorState error={trial.error} />}
        {trial.data && <Found ways={trial.data} />}
      </Stack>
    </form>
  );
}

function Found({ ways }: { ways: Ways }) {
  const { t } = useTranslation("notifications");
  const quiet = [
    ways.muted_by.length > 0 && t("route.muted", { names: ways.muted_by.join(", ") }),
    ways.silenced_by.length > 0 && t("route.silenced", { count: ways.silenced_by.length }),
    ways.inhibited_by.length > 0 && t("route.inhibited", { count: ways.inhibited_by.length }),
  ].filter(Boolean);
  return (
    <div className={classes.ways} role="status">
      {quiet.map((reason) => (
        <b key={String(reason)}>{reason}</b>
      ))}
      {ways.ways.map((way) => (
        <div key={way.path}>
          <b>{way.receivers.length ? way.receivers.join(", ") : t("route.nobody")}</b>
          <ul>
            <li>{t("route.by", { path: visibleLine(way.path) || t("route.all") })}</li>
            <li>
              {t("route.group", {
                labels:
                  Object.entries(way.group_labels)
                    .map(([name, value]) => `${name}=${visibleLine(value)}`)
                    .join(", ") || "–",
              })}
            </li>
            <li>{t("route.timers", { wait: way.group_wait, repeat: way.repeat_interval })}</li>
          </ul>
        </div>
      ))}
    </div>
  );
}
