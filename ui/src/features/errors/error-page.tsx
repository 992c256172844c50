import { Button, Code, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type ErrorGroupDetail, errorGroupQuery } from "@/api/error-groups";
import { ApiProblem } from "@/api/problem";
import { CopyButton } from "@/components/ui/copy-button";
import { Page } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { keptSearch, usePageState } from "@/lib/page-state";
import { boundsOf } from "@/lib/time-range";
import { ErrorHead } from "./error-head";
import { tracesOfGroup } from "./links";
import { useGroupTitle } from "./parts";
import { Samples } from "./samples";
import { Splits } from "./splits";
import { Stack } from "./stack";

/** One group of errors: where it comes from, what it says each time, and its traces. */
export function ErrorPage({ id }: { id: string }) {
  const { t } = useTranslation("errors");
  const { scope, range } = usePageState();
  const query = useQuery(errorGroupQuery(scope, boundsOf(range), id));
  const titleOf = useGroupTitle();
  const isLost = query.error instanceof ApiProblem && query.error.isNotFound && !query.data;
  return (
    <Page
      title={query.data ? cutText(titleOf(query.data), 90) : t("one.title")}
      aside={<CopyButton value={id} what={t("one.id")} />}
      actions={query.data && <TracesButton group={query.data} />}
    >
      {isLost ? (
        <LostError id={id} onRetry={() => void query.refetch()} />
      ) : (
        <QueryView query={query} height={420} skeletonRows={8}>
          {(group) => (
            <>
              <ErrorHead group={group} />
              <Splits splits={group.splits} />
              <Samples samples={group.samples} isQuiet={group.count === 0} />
              <Stack stack={group.stack} />
            </>
          )}
        </QueryView>
      )}
    </Page>
  );
}

function TracesButton({ group }: { group: ErrorGroupDetail }) {
  const { t } = useTranslation("errors");
  const target = tracesOfGroup(useSearch({ strict: false }), group);
  return (
    <Button variant="default" renderRoot={(props) => <Link to="/traces" search={target} {...props} />}>
      {t("one.traces")}
    </Button>
  );
}

function LostError({ id, onRetry }: { id: string; onRetry: () => void }) {
  const { t } = useTranslation("errors");
  const search = useSearch({ strict: false });
  return (
    <EmptyState
      title={t("lost.title")}
      action={
        <Group gap="xs">
          <Button variant="default" onClick={onRetry}>
            {t("lost.retry")}
          </Button>
          <Button renderRoot={(props) => <Link to="/errors" search={keptSearch(search)} {...props} />}>
            {t("lost.list")}
          </Button>
        </Group>
      }
    >
      <Code className="pw-foreign">{cutText(visibleLine(id), 200)}</Code>
      <p>{t("lost.why")}</p>
    </EmptyState>
  );
}
