import { cutText, visibleLine } from "@/lib/foreign-text";

/** Where it stands what to do: a link if it is an address, else its name. */
export function RunbookLink({ runbook }: { runbook: string }) {
  const text = cutText(visibleLine(runbook), 80);
  if (!/^https?:\/\//i.test(runbook)) return <bdi>{text}</bdi>;
  return (
    <a href={runbook} target="_blank" rel="noreferrer noopener" title={visibleLine(runbook)}>
      {text}
    </a>
  );
}
