import { Button } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ForeignName } from "@/components/ui/foreign-name";
import { keptSearch } from "@/lib/page-state";
import { tracesBetween } from "@/lib/trace-links";

export function SessionLink({ id }: { id: string }) {
  const search = useSearch({ strict: false });
  return (
    <Link to="/sessions/$sessionId" params={{ sessionId: id }} search={keptSearch(search)}>
      <ForeignName text={id} length={48} />
    </Link>
  );
}

export function UserLink({ id }: { id: string }) {
  const search = useSearch({ strict: false });
  return (
    <Link to="/users/$userId" params={{ userId: id }} search={keptSearch(search)}>
      <ForeignName text={id} length={48} />
    </Link>
  );
}

interface TracesLinkProps {
  filter: string[];
  times: { first_at: string; last_at: string };
}

/** To the list of traces, filtered and over the time that holds them. */
export function TracesLink({ filter, times }: TracesLinkProps) {
  const { t } = useTranslation("owners");
  const search = useSearch({ strict: false });
  return (
    <Link to="/traces" search={tracesBetween(search, filter, times)}>
      {t("toTraces")}
    </Link>
  );
}

/** The same for the head of a page. */
export function TracesButton({ filter, times }: TracesLinkProps) {
  const { t } = useTranslation("owners");
  const search = useSearch({ strict: false });
  const target = tracesBetween(search, filter, times);
  return (
    <Button variant="default" renderRoot={(props) => <Link to="/traces" search={target} {...props} />}>
      {t("toTraces")}
    </Button>
  );
}
