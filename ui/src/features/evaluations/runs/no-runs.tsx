import { Button, Code, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CopyButton } from "@/components/ui/copy-button";
import { EmptyState } from "@/components/ui/states";

const COMMAND = "pitwall eval run FILE --profile simulated";

/** Why the list is empty: a filter, or nobody has evaluated anything yet. */
export function NoRuns({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const { t } = useTranslation("evals");
  if (isFiltered)
    return (
      <EmptyState
        title={t("empty.noMatch")}
        action={
          <Button variant="default" onClick={onClear}>
            {t("empty.clear")}
          </Button>
        }
      />
    );
  return (
    <EmptyState title={t("empty.runs")}>
      <Stack gap="xs" align="center">
        <span>{t("empty.runsText")}</span>
        <span>
          <Code>{COMMAND}</Code> <CopyButton value={COMMAND} what={t("empty.command")} />
        </span>
        <span>{t("empty.runsSimulated")}</span>
      </Stack>
    </EmptyState>
  );
}
