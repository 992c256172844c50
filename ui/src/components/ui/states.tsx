import { Alert, Button, Code, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconPlugConnectedX, IconRefresh } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { useLanguage } from "@/i18n";
import { formatAge } from "@/lib/format";
import { useNow } from "@/lib/use-now";

/** Grey bars where content will stand, of its size, so that nothing moves when it comes. */
export function LoadingState({ height = 160, rows = 1 }: { height?: number; rows?: number }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-busy="true">
      <span className="pw-visually-hidden">{t("state.loading")}</span>
      <Stack gap={8} aria-hidden="true">
        {Array.from({ length: rows }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike
          <Skeleton key={index} height={height / rows - 8} radius="sm" />
        ))}
      </Stack>
    </div>
  );
}

interface EmptyStateProps {
  title: string;
  children?: ReactNode;
  /** What a person can do next: buttons or links. */
  action?: ReactNode;
}

/** Nothing to show, why, and the way on. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <Stack align="center" gap="xs" py={40} px="md" ta="center">
      <Title order={2} fz="md" fw={600}>
        {title}
      </Title>
      {children && (
        <Text c="dimmed" size="sm" maw={560} component="div">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}

interface ErrorStateProps {
  error: unknown;
  onRetry?: (() => void) | undefined;
  /** A way on besides trying again. */
  action?: ReactNode;
}

/** What went wrong in the server's words, the way out, and the id to ask about. */
export function ErrorState({ error, onRetry, action }: ErrorStateProps) {
  const { t } = useTranslation();
  const problem = error instanceof ApiProblem ? error : null;
  const isNetwork = problem?.isNetwork ?? false;
  return (
    <Alert
      role="alert"
      variant="light"
      color="gray"
      icon={isNetwork ? <IconPlugConnectedX aria-hidden /> : <IconAlertTriangle aria-hidden />}
      title={t(titleKey(problem))}
      my="sm"
    >
      <Stack gap={6} align="flex-start">
        <Text size="sm">{isNetwork ? t("error.networkHint") : errorText(error)}</Text>
        {problem?.hint && <Text size="sm">{problem.hint}</Text>}
        {problem?.requestId && (
          <Text size="xs" c="dimmed">
            {t("error.requestId")} <Code>{problem.requestId}</Code>
          </Text>
        )}
        <Group gap="xs">
          {onRetry && (
            <Button variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={onRetry}>
              {t("action.retry")}
            </Button>
          )}
          {action}
        </Group>
      </Stack>
    </Alert>
  );
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function titleKey(problem: ApiProblem | null) {
  if (!problem) return "error.unexpected";
  if (problem.isNetwork) return "error.network";
  if (problem.isNotFound) return "error.notFound";
  if (problem.status === 401) return "error.needsKey";
  if (problem.status === 403) return "error.notPermitted";
  if (problem.status < 500) return "error.refused";
  return "error.unavailable";
}

interface QueryViewProps<T> {
  query: UseQueryResult<T, Error>;
  /** Height in px of what will stand here. */
  height?: number;
  skeletonRows?: number;
  children: (data: T) => ReactNode;
}

/** Shows what a query holds: loading, error, stale with its age, or the content. */
export function QueryView<T>({ query, height = 160, skeletonRows = 1, children }: QueryViewProps<T>) {
  if (query.data === undefined) {
    if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    return <LoadingState height={height} rows={skeletonRows} />;
  }
  return (
    <>
      {query.isError && <StaleNote since={query.dataUpdatedAt} onRetry={() => void query.refetch()} />}
      {children(query.data)}
    </>
  );
}

/** Says that what is shown is old, how old, and lets people ask again. */
export function StaleNote({ since, onRetry }: { since: number; onRetry?: () => void }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const now = useNow(10_000);
  return (
    <Group gap="xs" role="status" my={4}>
      <IconPlugConnectedX size={14} aria-hidden />
      <Text size="xs">{t("state.stale", { age: formatAge(since, language, now) })}</Text>
      {onRetry && (
        <Button variant="subtle" size="compact-xs" onClick={onRetry}>
          {t("action.retry")}
        </Button>
      )}
    </Group>
  );
}
