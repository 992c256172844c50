import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type RouteNode, type Routing, routingQuery, type Ways } from "@/api/routing";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import classes from "../notifications.module.css";
import { RouteTester } from "./route-tester";
import { RouteTree } from "./route-tree";
import { RoutingEditor } from "./routing-editor";

/** The routing tree: looked at, tried with labels, and changed as YAML. */
export function RoutesView() {
  const { scope } = usePageState();
  const query = useQuery(routingQuery(scope));
  return (
    <QueryView query={query} height={320} skeletonRows={6}>
      {(routing) => <Shown routing={routing} />}
    </QueryView>
  );
}

function Shown({ routing }: { routing: Routing }) {
  const { t } = useTranslation("notifications");
  const [isEditing, setEditing] = useState(false);
  const [ways, setWays] = useState<Ways | null>(null);
  const root = (routing.route ?? routing.default) as RouteNode;
  return (
    <div className={classes.layout}>
      <Panel
        title={t("route.tree")}
        actions={
          !isEditing && (
            <Button variant="default" onClick={() => setEditing(true)}>
              {t("route.edit")}
            </Button>
          )
        }
      >
        {isEditing ? (
          <RoutingEditor routing={routing} onDone={() => setEditing(false)} />
        ) : (
          <>
            {routing.route === null && <Note>{t("route.everybody")}</Note>}
            <RouteTree root={root} taken={(ways?.ways ?? []).map(({ path }) => path)} />
            <Inhibitions routing={routing} />
          </>
        )}
      </Panel>
      <Panel title={t("route.try")}>
        <RouteTester onFound={setWays} />
      </Panel>
    </div>
  );
}

interface Inhibition {
  source: string[];
  target: string[];
  equal: string[];
}

function Inhibitions({ routing }: { routing: Routing }) {
  const { t } = useTranslation("notifications");
  const rules = routing.inhibit as unknown as Inhibition[];
  if (rules.length === 0) return null;
  return (
    <>
      <h3 className={classes.heading}>{t("route.inhibit")}</h3>
      <ul className={classes.plain}>
        {rules.map(({ source, target, equal }) => (
          <li key={`${source} ${target}`}>
            {t("route.inhibits", { source: source.join(", "), target: target.join(", ") })}{" "}
            {equal.length > 0 && t("route.equal", { labels: equal.join(", ") })}
          </li>
        ))}
      </ul>
    </>
  );
}
