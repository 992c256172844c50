import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Scope } from "@/api/client";
import { readRange, type TimeRange } from "./time-range";

/** What every page keeps in its URL. */
export interface PageSearch {
  project?: string;
  env?: string;
  service?: string;
  /** Relative length, such as `1h`. */
  range?: string;
  since?: string;
  until?: string;
  /** Present and true: new data does not change the page. */
  paused?: true;
}

const TEXTS = ["project", "env", "service", "range", "since", "until"] as const;

/** Read what every page shares from a URL; strange values are left out, never an error. */
export function readPageSearch(raw: Record<string, unknown>): PageSearch {
  const search: PageSearch = {};
  for (const key of TEXTS) {
    const value = raw[key];
    if (typeof value === "string" && value !== "") search[key] = value;
    else if (typeof value === "number") search[key] = String(value);
  }
  if (raw.paused === true || raw.paused === "true") search.paused = true;
  return search;
}

export interface PageState {
  scope: Scope;
  range: TimeRange;
  /** Whether new data changes the page: a relative range that nobody paused. */
  isLive: boolean;
  setScope: (change: {
    project?: string | null;
    environment?: string | null;
    service?: string | null;
  }) => void;
  setRange: (range: TimeRange) => void;
  setPaused: (isPaused: boolean) => void;
}

/** The scope and time range of the page, and how to change them; the URL is the only place they are kept. */
export function usePageState(): PageState {
  const search: PageSearch = useSearch({ strict: false });
  const navigate = useNavigate();
  const change = useCallback(
    (values: { [key in keyof PageSearch]?: PageSearch[key] | undefined }) =>
      void navigate({
        to: ".",
        search: (old: object) => withoutEmpty({ ...old, ...values }),
        replace: false,
        // A zoom into a chart changes what the chart shows, not which part of the page one looks at.
        resetScroll: false,
      }),
    [navigate],
  );
  const { project, env, service, range, since, until, paused } = search;
  return useMemo(() => {
    const read = readRange(range, since, until);
    return {
      scope: withoutEmpty({ project, environment: env, service }),
      range: read,
      isLive: read.kind === "last" && !paused,
      setScope: (scope) => change(scopeValues(scope)),
      setRange: (next) =>
        change(
          next.kind === "last"
            ? { range: next.length, since: undefined, until: undefined }
            : { range: undefined, since: next.since, until: next.until },
        ),
      setPaused: (isPaused) => change({ paused: isPaused ? true : undefined }),
    };
  }, [project, env, service, range, since, until, paused, change]);
}

type ScopeChange = Parameters<PageState["setScope"]>[0];

function scopeValues(scope: ScopeChange) {
  const values: { [key in keyof PageSearch]?: PageSearch[key] | undefined } = {};
  if ("project" in scope)
    Object.assign(values, { project: scope.project ?? undefined, env: undefined, service: undefined });
  if ("environment" in scope) values.env = scope.environment ?? undefined;
  if ("service" in scope) values.service = scope.service ?? undefined;
  return values;
}

/** The part of a page's search that every link to another page keeps. */
export function keptSearch(search: PageSearch): PageSearch {
  return readPageSearch({ ...search });
}

function withoutEmpty<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ""),
  ) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
