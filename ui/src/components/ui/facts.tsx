import type { ReactNode } from "react";
import classes from "./facts.module.css";

/** The head of a page about one thing: what it adds up to, then what it is. */
export function FactsHead({ children }: { children: ReactNode }) {
  return <div className={classes.head}>{children}</div>;
}

/** Large numbers beside each other, each under its name. */
export function Totals({ children }: { children: ReactNode }) {
  return <dl className={classes.totals}>{children}</dl>;
}

/** Names and values in a running line. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={classes.facts}>{children}</dl>;
}

/** One name and its value in `Totals`, `Facts` or another `<dl>`. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
