import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type User, usersQuery } from "@/api/owners";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { boundsOf } from "@/lib/time-range";
import { type Column, useTotalColumns } from "./cells";
import { TracesLink, UserLink } from "./links";
import { OwnersList, useOwnersSearch } from "./owners-list";

/** Users of the time range and what they caused. */
export function UsersPage() {
  const { scope, range } = usePageState();
  const { search, sort } = useOwnersSearch();
  const question = { bounds: boundsOf(range), sort, text: search.q };
  const query = useInfiniteQuery({
    ...usersQuery(scope, question),
    placeholderData: keepPreviousData,
    meta: { live: true },
  });
  return <OwnersList owner="user" columns={useUserColumns()} query={query} keyOf={(row) => row.user_id} />;
}

function useUserColumns(): Column<User>[] {
  const { t } = useTranslation("owners");
  const language = useLanguage();
  const { last, traces, errors, tokens, cost, models } = useTotalColumns<User>();
  return [
    { name: "user", title: t("column.user"), cell: ({ user_id }) => <UserLink id={user_id} /> },
    last,
    {
      ...{ name: "sessions", title: t("column.sessions"), isNumber: true, isWide: true },
      cell: ({ session_count }) => formatCount(session_count, language),
    },
    traces,
    errors,
    tokens,
    cost,
    models,
    {
      ...{ name: "open", title: t("column.open"), isTitleHidden: true, isNumber: true, isWide: true },
      cell: (row) => <TracesLink filter={[`user_id:eq:${row.user_id}`]} times={row} />,
    },
  ];
}
