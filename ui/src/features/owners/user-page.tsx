import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { sessionsQuery, tracesOfOwnerQuery, type User, userQuery } from "@/api/owners";
import { LongTable } from "@/components/ui/long-table";
import { Panel } from "@/components/ui/panel";
import { ErrorState, LoadingState } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { OwnerHead } from "./owner-head";
import { OwnerPage } from "./owner-page";
import { useSessionColumns } from "./sessions-page";
import { useTraceColumns } from "./trace-columns";

/** One user: what they caused, their sessions and their traces. */
export function UserPage({ userId }: { userId: string }) {
  const { scope } = usePageState();
  const query = useQuery({ ...userQuery(scope, userId), meta: { live: true } });
  return (
    <OwnerPage owner="user" id={userId} query={query}>
      {(user) => (
        <>
          <OwnerHead totals={user} />
          {user.session_count > 0 && <SessionsOfUser user={user} />}
          <TracesOfUser userId={userId} />
        </>
      )}
    </OwnerPage>
  );
}

function SessionsOfUser({ user }: { user: User }) {
  const { t } = useTranslation("owners");
  const { scope } = usePageState();
  const project = scope.project ? { project: scope.project } : {};
  const query = useInfiniteQuery(
    sessionsQuery(project, {
      bounds: { since: user.first_at },
      sort: "last_at",
      filters: [`user_id:eq:${user.user_id}`],
    }),
  );
  const columns = useSessionColumns().filter(({ name }) => name !== "users");
  return (
    <Panel title={t("list.sessions")} isFlush>
      {query.isPending && <LoadingState height={120} rows={3} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <LongTable
          label={t("list.sessions")}
          columns={columns}
          query={query}
          keyOf={(row) => row.session_id}
        />
      )}
    </Panel>
  );
}

function TracesOfUser({ userId }: { userId: string }) {
  const { t } = useTranslation("owners");
  const { scope } = usePageState();
  const query = useInfiniteQuery({ ...tracesOfOwnerQuery("user", scope, userId), meta: { live: true } });
  const columns = useTraceColumns();
  return (
    <Panel title={t("column.traces")} isFlush>
      {query.isPending && <LoadingState height={240} rows={6} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <LongTable label={t("column.traces")} columns={columns} query={query} keyOf={(row) => row.trace_id} />
      )}
    </Panel>
  );
}
