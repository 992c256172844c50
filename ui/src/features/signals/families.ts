import type { Signal } from "@/api/signals";

/** Groups of the catalogue in the order of the list; a team's own ones come last under their own names. */
export const FAMILIES = [
  "requests",
  "llm",
  "tokens",
  "cost",
  "rag",
  "embedding",
  "cache",
  "parse",
  "stage",
  "quality",
  "data",
  "service",
] as const;
export type Family = (typeof FAMILIES)[number];

/** The first part of the name; what models are paid by stands apart from how they work. */
export function familyOf({ name }: Pick<Signal, "name">): string {
  const [first = name, rest = ""] = name.split(/\.(.*)/s);
  return first === "llm" && /token/.test(rest) ? "tokens" : first;
}

export function isKnownFamily(family: string): family is Family {
  return FAMILIES.some((known) => known === family);
}

/** Families that signals are in, known ones first. */
export function familiesOf(signals: readonly Signal[]): string[] {
  const found = new Set(signals.map(familyOf));
  const known = FAMILIES.filter((family) => found.has(family));
  return [...known, ...[...found].filter((family) => !isKnownFamily(family)).sort()];
}

/** Whether it is a distribution, whose series are its parts: buckets, models, causes. */
export function isBreakdown({ value }: Pick<Signal, "value">): boolean {
  return /^\s*(histogram|topk|share)\s*\(/.test(value);
}

/** Whether its parts are numbers in order, which sorting by size would scatter. */
export function isHistogram({ value }: Pick<Signal, "value">): boolean {
  return /^\s*histogram\s*\(/.test(value);
}

/** Names most like an unknown one, the nearest first. */
export function nearestSignals(name: string, signals: readonly Signal[], limit = 5): Signal[] {
  const wanted = name.toLowerCase();
  const scored = signals.map((signal) => ({ signal, distance: distanceOf(wanted, signal.name) }));
  return scored
    .filter(({ distance }) => distance <= Math.max(4, wanted.length * 0.6))
    .sort((one, other) => one.distance - other.distance)
    .slice(0, limit)
    .map(({ signal }) => signal);
}

/** Edits between two names; a shared family or last part brings them nearer. */
function distanceOf(one: string, other: string): number {
  const isRelated =
    one.split(".")[0] === other.split(".")[0] || one.split(".").at(-1) === other.split(".").at(-1);
  return edits(one, other) - (isRelated ? 3 : 0);
}

function edits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next[j] = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substituted);
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
