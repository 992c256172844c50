import type { ReactNode } from "react";

/** A name and its value in a `<dl>`; the list around it says how they stand. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
