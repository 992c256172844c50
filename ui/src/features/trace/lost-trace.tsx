import { Button, Code, Group, List } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/components/ui/states";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { keptSearch, usePageState } from "@/lib/page-state";

interface LostTraceProps {
  /** The id as it stands in the address. */
  written: string;
  /** The id is none at all, so no server was asked. */
  isMalformed?: boolean;
  onRetry?: () => void;
}

/** Why there may be no such trace, and where to go from here. */
export function LostTrace({ written, isMalformed = false, onRetry }: LostTraceProps) {
  const { t } = useTranslation("trace");
  const search = useSearch({ strict: false });
  const { scope } = usePageState();
  return (
    <EmptyState
      title={isMalformed ? t("lost.malformed") : t("lost.title")}
      action={
        <Group gap="xs">
          {onRetry && (
            <Button variant="default" onClick={onRetry}>
              {t("lost.retry")}
            </Button>
          )}
          <Button renderRoot={(props) => <Link to="/traces" search={keptSearch(search)} {...props} />}>
            {t("lost.list")}
          </Button>
        </Group>
      }
    >
      <Code className="pw-foreign">{cutText(visibleLine(written), 200)}</Code>
      {isMalformed ? (
        <p>{t("lost.malformedHint")}</p>
      ) : (
        <List size="sm" mt="xs" ta="left">
          <List.Item>{t("lost.early")}</List.Item>
          <List.Item>{t("lost.expired")}</List.Item>
          <List.Item>
            {scope.project ? t("lost.project", { project: scope.project }) : t("lost.defaultProject")}
          </List.Item>
          <List.Item>{t("lost.typed")}</List.Item>
        </List>
      )}
    </EmptyState>
  );
}
