import { useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import classes from "./code-area.module.css";

export interface LineNote {
  line: number;
  message: string;
}

interface CodeAreaProps {
  label: string;
  value: string;
  notes: readonly LineNote[];
  /** Absent: the text is only looked at. */
  onChange?: ((value: string) => void) | undefined;
}

const LINE_PX = 20;

/** Text with line numbers; what is wrong is marked at its line and said below. */
export function CodeArea({ label, value, notes, onChange }: CodeAreaProps) {
  const { t } = useTranslation();
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const lines = value.split("\n").length;
  const wrong = new Set(notes.map(({ line }) => line));
  const goTo = (line: number) => {
    const element = area.current;
    if (!element) return;
    const start =
      value
        .split("\n")
        .slice(0, line - 1)
        .join("\n").length + (line > 1 ? 1 : 0);
    const end = value.indexOf("\n", start);
    element.focus();
    element.setSelectionRange(start, end < 0 ? value.length : end);
    element.scrollTop = Math.max(0, (line - 4) * LINE_PX);
  };
  const first = notes[0]?.line;
  // biome-ignore lint/correctness/useExhaustiveDependencies: go there once, when the note comes
  useEffect(() => {
    if (first !== undefined) goTo(first);
  }, [first, notes.length]);
  return (
    <div className={classes.area}>
      <div className={classes.code}>
        <div ref={gutter} className={classes.gutter} aria-hidden="true">
          {Array.from({ length: lines }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <span key={index} data-wrong={wrong.has(index + 1) || undefined}>
              {index + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={area}
          aria-label={label}
          aria-invalid={notes.length > 0}
          aria-describedby={notes.length > 0 ? id : undefined}
          spellCheck={false}
          wrap="off"
          readOnly={!onChange}
          value={value}
          onChange={(event) => onChange?.(event.currentTarget.value)}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
        />
      </div>
      {notes.length > 0 && (
        <div id={id} className={classes.notes} role="alert">
          <ul>
            {notes.map(({ line, message }) => (
              <li key={`${line} ${message}`}>
                <button type="button" onClick={() => goTo(line)}>
                  {t("code.line", { line })}
                </button>{" "}
                {message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

/** What the server found wrong in a text, with the lines; nothing where it named none. */
export function notesOf(error: Error | null): LineNote[] {
  if (!(error instanceof ApiProblem) || !Array.isArray(error.details.problems)) return [];
  return error.details.problems.flatMap((problem: unknown) => {
    const { line, message } = problem as { line?: unknown; message?: unknown };
    return typeof message === "string" ? [{ line: Number(line) || 1, message }] : [];
  });
}
