import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type Session, sessionsQuery } from "@/api/owners";
import { ForeignName } from "@/components/ui/foreign-name";
import { usePageState } from "@/lib/page-state";
import { boundsOf } from "@/lib/time-range";
import { type Column, useTotalColumns } from "./cells";
import { SessionLink, TracesLink, UserLink } from "./links";
import { OwnersList, useOwnersSearch } from "./owners-list";

/** Sessions of the time range: conversations of several requests. */
export function SessionsPage() {
  const { scope, range } = usePageState();
  const { search, sort } = useOwnersSearch();
  const question = { bounds: boundsOf(range), sort, text: search.q };
  const query = useInfiniteQuery({
    ...sessionsQuery(scope, question),
    placeholderData: keepPreviousData,
    meta: { live: true },
  });
  return (
    <OwnersList owner="session" columns={useSessionColumns()} query={query} keyOf={(row) => row.session_id} />
  );
}

export function useSessionColumns(): Column<Session>[] {
  const { t } = useTranslation("owners");
  const { last, traces, errors, tokens, cost, models } = useTotalColumns<Session>();
  return [
    {
      name: "session",
      title: t("column.session"),
      cell: ({ session_id }) => <SessionLink id={session_id} />,
    },
    {
      ...{ name: "users", title: t("column.user"), isWide: true },
      cell: ({ user_ids: [user, ...others] }) =>
        user === undefined ? null : (
          <>
            <UserLink id={user} />
            {others.length > 0 && ` +${others.length}`}
          </>
        ),
    },
    last,
    traces,
    errors,
    tokens,
    cost,
    models,
    {
      ...{ name: "services", title: t("column.services"), isWide: true },
      cell: ({ services }) => <ForeignName text={services.join(", ")} length={40} />,
    },
    {
      ...{ name: "open", title: t("column.open"), isTitleHidden: true, isNumber: true, isWide: true },
      cell: (row) => <TracesLink filter={[`session_id:eq:${row.session_id}`]} times={row} />,
    },
  ];
}
