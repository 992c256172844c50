import { useTranslation } from "react-i18next";
import type { RouteNode } from "@/api/routing";
import { visibleLine } from "@/lib/foreign-text";
import classes from "../notifications.module.css";
import { pathOf } from "./paths";

interface RouteTreeProps {
  root: RouteNode;
  /** Paths of nodes that an alert took; see `pathOf`. */
  taken: readonly string[];
}

/** The tree as nested lists: conditions, who is told, how often; what is not said is as in the node above. */
export function RouteTree({ root, taken }: RouteTreeProps) {
  const { t } = useTranslation("notifications");
  return (
    <ul className={classes.tree} aria-label={t("route.tree")}>
      <Node node={root} path="" taken={taken} />
    </ul>
  );
}

interface NodeProps {
  node: RouteNode;
  path: string;
  taken: readonly string[];
}

function Node({ node, path, taken }: NodeProps) {
  const { t } = useTranslation("notifications");
  const children = node.routes ?? [];
  const isTaken = taken.includes(path);
  return (
    <li>
      <div className={classes.node} data-taken={isTaken || undefined}>
        <code className="pw-mono">
          {node.matchers?.length ? node.matchers.map(visibleLine).join(", ") : t("route.all")}
        </code>
        {node.receivers && (
          <span className={classes.receivers}>
            {`→ ${node.receivers.length ? node.receivers.join(", ") : t("route.nobody")}`}
          </span>
        )}
        <span className={classes.faint}>{useWords(node).join(" · ")}</span>
        {isTaken && <span className="pw-visually-hidden">{t("route.taken")}</span>}
      </div>
      {children.length > 0 && (
        <ul>
          {children.map((child) => {
            const below = pathOf(path, child.matchers ?? []);
            return <Node key={below} node={child} path={below} taken={taken} />;
          })}
        </ul>
      )}
    </li>
  );
}

/** What a node says besides whom it tells. */
function useWords(node: RouteNode): string[] {
  const { t } = useTranslation("notifications");
  const { group_by, group_wait, group_interval, repeat_interval, language } = node;
  return [
    group_by && t("route.groupBy", { labels: group_by.join(", ") }),
    group_wait && t("route.groupWait", { length: group_wait }),
    group_interval && t("route.groupInterval", { length: group_interval }),
    repeat_interval && t("route.repeat", { length: repeat_interval }),
    language && t("route.language", { language }),
    node.continue && t("route.continue"),
  ].filter((word): word is string => Boolean(word));
}
