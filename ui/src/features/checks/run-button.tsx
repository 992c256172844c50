import { Button, Checkbox, Group } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Checklist, useRunChecklist } from "@/api/checks";
import { ErrorState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";

/** Runs a list now; it may take as long as its slowest item. */
export function RunButton({ list, onDone }: { list: Checklist; onDone: () => void }) {
  const { t } = useTranslation("checks");
  const title = pickText(list.title, useLanguage());
  const { scope } = usePageState();
  const run = useRunChecklist(scope);
  const [notify, setNotify] = useState(false);
  const start = () => !run.isPending && run.mutate({ list: list.name, notify }, { onSuccess: onDone });
  useShortcut("r", t("run.shortcut"), t("title"), start);
  return (
    <div>
      <Group gap="sm">
        <Button
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          loading={run.isPending}
          onClick={start}
        >
          {t("run.now", { title })}
        </Button>
        <Checkbox
          size="xs"
          label={t("run.notify")}
          checked={notify}
          onChange={(event) => setNotify(event.currentTarget.checked)}
        />
      </Group>
      <span className="pw-visually-hidden" role="status">
        {run.isPending && t("run.running")}
        {run.isSuccess && t("run.done")}
      </span>
      {run.isError && <ErrorState error={run.error} onRetry={start} />}
    </div>
  );
}
