import type { ReactNode } from "react";
import classes from "./tabs.module.css";

/** Pages that belong together, as links in a row. */
export function LinkTabs({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {children}
    </nav>
  );
}

/** For the `className` of a link in `LinkTabs`; the router says which one is current. */
export const tabClass = classes.tab;
