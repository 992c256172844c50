import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Panel } from "@/components/ui/panel";
import { QueryView } from "@/components/ui/states";
import classes from "./rail.module.css";

interface RailListProps<T> {
  title: string;
  note?: string;
  query: UseQueryResult<readonly T[], Error>;
  /** What is said when there are none. */
  nothing: string;
  row: (item: T) => ReactNode;
  keyOf: (item: T) => string;
}

/** A panel of the rail with a short list. */
export function RailList<T>({ title, note, query, nothing, row, keyOf }: RailListProps<T>) {
  return (
    <Panel title={title} note={note} isFlush>
      <div className={query.data === undefined ? classes.blank : undefined}>
        <QueryView query={query} height={120} skeletonRows={3}>
          {(items) =>
            items.length === 0 ? (
              <p className={classes.nothing}>{nothing}</p>
            ) : (
              <ul className={`${classes.list} ${query.isPlaceholderData ? classes.stale : ""}`}>
                {items.map((item) => (
                  <li key={keyOf(item)}>{row(item)}</li>
                ))}
              </ul>
            )
          }
        </QueryView>
      </div>
    </Panel>
  );
}
