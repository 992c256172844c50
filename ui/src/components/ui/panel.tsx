import type { ReactNode } from "react";
import { useId } from "react";
import classes from "./panel.module.css";

interface PanelProps {
  title?: ReactNode;
  /** Controls at the right of the title. */
  actions?: ReactNode;
  /** Small print beside the title, such as a count or unit. */
  note?: ReactNode;
  /** What the hash of an address calls it. */
  anchor?: string;
  /** Without padding, for tables and lists. */
  isFlush?: boolean;
  children: ReactNode;
}

/** A titled piece of a page. */
export function Panel({ title, actions, note, anchor, isFlush = false, children }: PanelProps) {
  const id = useId();
  return (
    <section id={anchor} className={classes.panel} aria-labelledby={title ? id : undefined}>
      {(title || actions) && (
        <header className={classes.header}>
          {title && (
            <h2 id={id} className={classes.title}>
              {title}
            </h2>
          )}
          {note && <span className={classes.note}>{note}</span>}
          {actions && <div className={classes.actions}>{actions}</div>}
        </header>
      )}
      <div className={isFlush ? undefined : classes.body}>{children}</div>
    </section>
  );
}
