import { Alert, Code, Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type EvalRun, isUnderWay } from "@/api/eval-runs";
import { CopyButton } from "@/components/ui/copy-button";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { RunProgress } from "../run-state";

/** What has to be known before the numbers: the run is under way, or it ended before its time, and how it goes on. */
export function RunNotices({ run }: { run: EvalRun }) {
  const { t } = useTranslation("evals");
  if (run.state === "finished") return null;
  if (isUnderWay(run))
    return (
      <Alert
        variant="light"
        color="gray"
        icon={<IconInfoCircle aria-hidden />}
        title={t(`notice.${run.state}`)}
      >
        <Group gap="sm">
          <RunProgress run={run} />
          {run.state === "running" && <Text size="sm">{t("notice.partial")}</Text>}
        </Group>
      </Alert>
    );
  const why = run.error ?? run.stop_reason;
  return (
    <Alert
      variant="light"
      color="gray"
      icon={<IconAlertTriangle aria-hidden />}
      title={t(`notice.${run.state}`)}
    >
      {why && (
        <Text size="sm" className="pw-foreign">
          {cutText(visibleLine(why), 600)}
        </Text>
      )}
      {run.resume && (
        <Group gap={6} mt={4}>
          <Text size="sm">{t("notice.resume")}</Text>
          <Code>{run.resume}</Code>
          <CopyButton value={run.resume} what={t("notice.command")} />
        </Group>
      )}
    </Alert>
  );
}
