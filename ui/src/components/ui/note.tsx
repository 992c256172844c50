import type { ReactNode } from "react";
import classes from "./note.module.css";

/** A sentence that stands where content would: what is missing, what was left out. */
export function Note({ children }: { children: ReactNode }) {
  return <p className={classes.note}>{children}</p>;
}
