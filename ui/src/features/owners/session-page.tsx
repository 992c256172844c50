import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { sessionQuery } from "@/api/owners";
import { Fact } from "@/components/ui/facts";
import { usePageState } from "@/lib/page-state";
import { UserLink } from "./links";
import { OwnerHead } from "./owner-head";
import { OwnerPage } from "./owner-page";
import { Scores } from "./scores";
import { Turns } from "./turns";

/** One session: its requests one after the other, as the user lived them. */
export function SessionPage({ sessionId }: { sessionId: string }) {
  const { t } = useTranslation("owners");
  const { scope } = usePageState();
  const query = useQuery({ ...sessionQuery(scope, sessionId), meta: { live: true } });
  return (
    <OwnerPage owner="session" id={sessionId} query={query}>
      {(session) => (
        <>
          <OwnerHead totals={session}>
            {session.user_ids.length > 0 && (
              <Fact name={t("column.user")}>
                {session.user_ids.map((user) => (
                  <UserLink key={user} id={user} />
                ))}
              </Fact>
            )}
          </OwnerHead>
          {session.scores.length > 0 && <Scores scores={session.scores} />}
          <Turns sessionId={sessionId} />
        </>
      )}
    </OwnerPage>
  );
}
