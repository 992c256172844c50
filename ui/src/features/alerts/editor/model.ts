/** A rule as the form sees it; the rule itself stays the JSON that the server takes. */

import type { RuleContent } from "@/api/alert-rules";

export const KINDS = ["bands", "threshold", "change", "absent", "anomaly", "burn_rate"] as const;
export type Kind = (typeof KINDS)[number];
export const LEVELS = ["critical", "warning", "info"] as const;
export type Level = (typeof LEVELS)[number];

type When = RuleContent["when"];
/** A condition on one signal, whatever its kind. */
export interface Look {
  signal: string;
  [part: string]: unknown;
}

export interface Steps {
  enter: string;
  exit?: string | null;
}

/** The kind of a condition that the form can show; null for compound ones, which are edited as YAML. */
export function kindOf(when: When): Kind | null {
  const given = Object.entries(when).filter(([, value]) => value !== null && value !== undefined);
  const [first] = given;
  return given.length === 1 && first ? (KINDS.find((kind) => kind === first[0]) ?? null) : null;
}

/** The condition on one signal; a signal may be written alone. */
export function lookOf(when: When, kind: Kind): Look {
  const written: unknown = when[kind];
  if (typeof written === "string") return { signal: written };
  return { signal: "", ...(written as object) };
}

/** The limit of a level; a limit may be written alone. */
export function stepOf(look: Look, level: Level): Steps | null {
  const written = look[level];
  if (typeof written === "string") return { enter: written };
  return written ? (written as Steps) : null;
}

export function withLook(rule: RuleContent, kind: Kind, look: Look): RuleContent {
  return { ...rule, when: { [kind]: tidy(look) } as When };
}

export function withStep(look: Look, level: Level, step: Steps): Look {
  const isEmpty = !step.enter.trim() && !step.exit?.trim();
  return tidy({
    ...look,
    [level]: isEmpty ? undefined : tidy({ enter: step.enter, exit: step.exit || undefined }),
  });
}

/** Another kind of condition on the same signal, with what the kinds have in common. */
export function withKind(rule: RuleContent, kind: Kind): RuleContent {
  const before = kindOf(rule.when);
  const old: Look = before ? lookOf(rule.when, before) : { signal: "" };
  const { signal, by, where, window, critical, warning, info } = old;
  const shared = { signal, by, where, window };
  return withLook(rule, kind, { ...shared, ...startOf(kind, { critical, warning, info }) });
}

function startOf(kind: Kind, steps: Record<Level, unknown>): object {
  switch (kind) {
    case "threshold":
      return steps.critical || steps.warning || steps.info ? steps : { warning: { enter: "> 0" } };
    case "change":
      return { against: "yesterday", measure: "ratio", warning: { enter: "> 0.5" } };
    case "burn_rate":
      return { objective: 0.99 };
    default:
      return {};
  }
}

/** What a part of the rule becomes; what is empty leaves the rule, so that the default holds. */
export function withPart<Key extends keyof RuleContent>(
  rule: RuleContent,
  key: Key,
  value: RuleContent[Key] | undefined,
): RuleContent {
  return tidy({ ...rule, [key]: isEmptyValue(value) ? undefined : value });
}

function isEmptyValue(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function tidy<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}

/** Where a new rule begins. */
export function newRule(signal: string): RuleContent {
  return {
    name: "",
    title: { en: "", ko: "" },
    when: { bands: { signal } },
    window: "5m",
    for: "5m",
    enabled: true,
  } as RuleContent;
}

const NAME = /^[a-z][a-z0-9_.-]{0,63}$/;

export function isName(name: string): boolean {
  return NAME.test(name);
}

/** A name made of a title, where it has letters that names may have. */
export function nameFrom(title: string): string {
  const name = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "");
  return name.slice(0, 64);
}
