import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { readTraceSearch, type TraceSearch } from "./search";

type Change = { [Key in keyof TraceSearch]?: TraceSearch[Key] | undefined };
/** A key held down goes through many spans a second; the address follows when it rests. */
const URL_REST_MS = 150;

/** What the URL says of the page of a trace, and how to change it without filling the browser's history. */
export function useTraceSearch(): [TraceSearch, (change: Change) => void] {
  const raw: object = useSearch({ strict: false });
  const navigate = useNavigate();
  const search = useMemo(() => readTraceSearch({ ...raw }), [raw]);
  const change = useCallback(
    (values: Change) =>
      void navigate({
        to: ".",
        search: (old: object) => withoutEmpty({ ...old, ...values }),
        replace: true,
        // Else the router puts the spans back to where they were scrolled before the key was pressed.
        resetScroll: false,
      }),
    [navigate],
  );
  return [search, change];
}

function withoutEmpty(values: object): object {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ""),
  );
}

/** A value of the URL that changes at once on the page and a moment later in the address. */
export function useRestingValue<T>(value: T, write: (value: T) => void): [T, (value: T) => void] {
  const [current, setCurrent] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(write);
  latest.current = write;
  useEffect(() => setCurrent(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const last = useRef(0);
  const set = useCallback((next: T) => {
    setCurrent(next);
    clearTimeout(timer.current);
    // One change by itself is written at once; of many, the last.
    const isAlone = Date.now() - last.current > URL_REST_MS;
    last.current = Date.now();
    if (isAlone) latest.current(next);
    else timer.current = setTimeout(() => latest.current(next), URL_REST_MS);
  }, []);
  return [current, set];
}
