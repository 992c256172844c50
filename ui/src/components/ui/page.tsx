import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useEffect } from "react";
import classes from "./page.module.css";

interface PageProps {
  title: string;
  /** Beside the title: counts, ids, a picker. */
  aside?: ReactNode;
  actions?: ReactNode;
  /** Hides the title from sight where the page needs all of its height; it is still read out. */
  isTitleHidden?: boolean;
  children: ReactNode;
}

/** The frame of a page: title, what stands beside it, and the content. Names the browser's tab too. */
export function Page({ title, aside, actions, isTitleHidden = false, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Pitwall`;
  }, [title]);
  return (
    <div className={classes.page}>
      {isTitleHidden ? (
        <h1 className="pw-visually-hidden">{title}</h1>
      ) : (
        <header className={classes.header}>
          <Title order={1} fz="xl" fw={600}>
            {title}
          </Title>
          {aside}
          {actions && <div className={classes.actions}>{actions}</div>}
        </header>
      )}
      {children}
    </div>
  );
}
