import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { sessionQuery } from "@/api/session";
import { type Status, statusQuery } from "@/api/status";
import { CopyButton } from "@/components/ui/copy-button";
import { QueryView } from "@/components/ui/states";
import { useLiveStatus } from "@/lib/live";
import { usePageState } from "@/lib/page-state";
import classes from "./first-minute.module.css";
import { doorsOf, snippetOf, WAYS, type Way } from "./snippets";

/** What a newcomer sees: how to send the first trace, and that the page waits for it. */
export function FirstMinute() {
  const { t } = useTranslation("overview");
  const { scope } = usePageState();
  const status = useQuery(statusQuery(scope));
  return (
    <section className={classes.start} aria-labelledby="first-minute">
      <h2 id="first-minute" className={classes.title}>
        {t("start.title")}
      </h2>
      <p className={classes.lead}>{t("start.lead")}</p>
      <QueryView query={status} height={240} skeletonRows={4}>
        {({ addresses }) => <Ways addresses={addresses} />}
      </QueryView>
      <Waiting />
    </section>
  );
}

function Ways({ addresses }: { addresses: Status["addresses"] }) {
  const { t } = useTranslation("overview");
  const { data: session } = useQuery(sessionQuery);
  const needsKey = session !== undefined && !session.is_anonymous;
  const doors = doorsOf(addresses, location);
  return (
    <>
      <Tabs defaultValue={"python" satisfies Way} keepMounted={false}>
        <Tabs.List aria-label={t("start.ways")}>
          {WAYS.map((way) => (
            <Tabs.Tab key={way} value={way}>
              {t(`start.way.${way}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {WAYS.map((way) => (
          <Tabs.Panel key={way} value={way} pt="sm">
            <p className={classes.how}>{t(`start.how.${way}`)}</p>
            <Snippet code={snippetOf(way, doors, needsKey)} />
          </Tabs.Panel>
        ))}
      </Tabs>
      {needsKey && (
        <p className={classes.how}>
          {t("start.key")} <code className="pw-mono">{KEY_COMMAND}</code>
        </p>
      )}
    </>
  );
}

const KEY_COMMAND = "pitwall keys create --name my-app --scopes ingest";

function Snippet({ code }: { code: string }) {
  const { t } = useTranslation("overview");
  return (
    <div className={classes.snippet}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll, by keyboard too */}
      <pre role="region" tabIndex={0} aria-label={t("start.code")}>
        <code>{code}</code>
      </pre>
      <CopyButton value={code} what={t("start.code")} />
    </div>
  );
}

function Waiting() {
  const { t } = useTranslation("overview");
  const isLost = useLiveStatus() === "lost";
  return (
    <p className={classes.waiting} role="status" data-lost={isLost || undefined}>
      <span className={classes.dot} aria-hidden="true" />
      {isLost ? t("start.lost") : t("start.waiting")}
    </p>
  );
}
