import { parseLength } from "@/lib/time-range";

export const VIEWS = ["lines", "bars", "table"] as const;
export type View = (typeof VIEWS)[number];
export const BAND_ORDER = ["critical", "warning", "no_data", "normal"] as const;
export const ORDERS = ["family", "band"] as const;

/** What the list of signals keeps in its URL besides what every page does. */
export interface SignalsSearch {
  /** Text in names, titles and descriptions. */
  find?: string;
  band?: (typeof BAND_ORDER)[number];
  order?: (typeof ORDERS)[number];
}

/** What the explorer of a signal keeps in its URL besides what every page does. */
export interface SignalSearch {
  /** Labels that split it. */
  by?: string[];
  /** Draw the period before too. */
  compare?: true;
  /** Length of a window, such as `5m`; absent: what fits the range. */
  step?: string;
  /** Condition on the records. */
  where?: string;
  view?: View;
  /** Start of the window whose traces are shown. */
  at?: string;
  /** The series whose traces are shown; absent: all. */
  of?: string;
  /** The series that are drawn; absent: the largest ones. */
  series?: string[];
}

type Raw = Record<string, unknown>;

export function readSignalsSearch(raw: Raw): SignalsSearch {
  const [band, order] = [oneOf(BAND_ORDER, raw.band), oneOf(ORDERS, raw.order)];
  return { ...text("find", raw), ...(band ? { band } : {}), ...(order ? { order } : {}) };
}

/** Strange values are left out, never an error: the rest of an old link still works. */
export function readSignalSearch(raw: Raw): SignalSearch {
  const [by, series] = [texts(raw.by), texts(raw.series)];
  const view = oneOf(VIEWS, raw.view);
  const isStep = typeof raw.step === "string" && parseLength(raw.step) !== null;
  const isInstant = typeof raw.at === "string" && !Number.isNaN(Date.parse(raw.at));
  return {
    ...(by.length ? { by } : {}),
    ...(raw.compare === true || raw.compare === "true" ? { compare: true } : {}),
    ...(isStep ? text("step", raw) : {}),
    ...text("where", raw),
    ...(view ? { view } : {}),
    ...(isInstant ? text("at", raw) : {}),
    ...text("of", raw),
    ...(series.length ? { series } : {}),
  };
}

function text<Key extends string>(key: Key, raw: Raw): { [K in Key]?: string } {
  const value = raw[key];
  const written = typeof value === "number" ? String(value) : value;
  return typeof written === "string" && written.trim() ? ({ [key]: written } as { [K in Key]?: string }) : {};
}

function texts(value: unknown): string[] {
  const list = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  return [...new Set(list.filter((item): item is string => typeof item === "string" && item !== ""))];
}

function oneOf<T extends string>(known: readonly T[], value: unknown): T | undefined {
  return known.find((item) => item === value);
}

/** A search with some values changed; what became undefined leaves the URL. */
export function changed(old: object, values: object): object {
  return Object.fromEntries(Object.entries({ ...old, ...values }).filter(([, value]) => value !== undefined));
}
