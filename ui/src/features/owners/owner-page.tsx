import { Button, Code, Group, List } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Owner } from "@/api/owners";
import { ApiProblem } from "@/api/problem";
import { CopyButton } from "@/components/ui/copy-button";
import { Page } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { keptSearch, usePageState } from "@/lib/page-state";
import { TracesButton } from "./links";

interface OwnerPageProps<T> {
  owner: Owner;
  id: string;
  query: UseQueryResult<T, Error>;
  children: (data: T) => ReactNode;
}

/** The frame of one session's or user's page: its id, the way to its traces, and what to do if nobody knows it. */
export function OwnerPage<T extends { first_at: string; last_at: string }>({
  owner,
  id,
  query,
  children,
}: OwnerPageProps<T>) {
  const { t } = useTranslation("owners");
  const isLost = query.error instanceof ApiProblem && query.error.isNotFound && !query.data;
  return (
    <Page
      title={t(`one.${owner}`, { id: cutText(visibleLine(id), 60) })}
      aside={<CopyButton value={id} what={t(`one.id.${owner}`)} />}
      actions={query.data && <TracesButton filter={[`${owner}_id:eq:${id}`]} times={query.data} />}
    >
      {isLost ? (
        <LostOwner owner={owner} id={id} onRetry={() => void query.refetch()} />
      ) : (
        <QueryView query={query} height={420} skeletonRows={8}>
          {children}
        </QueryView>
      )}
    </Page>
  );
}

function LostOwner({ owner, id, onRetry }: { owner: Owner; id: string; onRetry: () => void }) {
  const { t } = useTranslation("owners");
  const search = useSearch({ strict: false });
  const { scope } = usePageState();
  return (
    <EmptyState
      title={t(`lost.${owner}`)}
      action={
        <Group gap="xs">
          <Button variant="default" onClick={onRetry}>
            {t("lost.retry")}
          </Button>
          <Button
            renderRoot={(props) => (
              <Link
                to={owner === "session" ? "/sessions" : "/users"}
                search={keptSearch(search)}
                {...props}
              />
            )}
          >
            {t(`lost.list.${owner}`)}
          </Button>
        </Group>
      }
    >
      <Code className="pw-foreign">{cutText(visibleLine(id), 200)}</Code>
      <List size="sm" mt="xs" ta="left">
        <List.Item>{t("lost.expired")}</List.Item>
        <List.Item>
          {scope.project ? t("lost.project", { project: scope.project }) : t("lost.defaultProject")}
        </List.Item>
        <List.Item>{t("lost.typed")}</List.Item>
      </List>
    </EmptyState>
  );
}
