/** What a signal says of spans, as filters of the list of traces. */

import type { Signal } from "@/api/signals";

/** Filters, and whether they say all that was meant. */
export interface Narrowing {
  filters: string[];
  isWhole: boolean;
}

const OPERATORS: Record<string, string> = {
  "=": "eq",
  "!=": "ne",
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
};
/** Columns of signals that the list calls otherwise, or that it does not have. */
const RENAMED: Record<string, string> = { hits: "document_count" };
const UNLISTED = new Set(["has_tokens", "is_priced", "cacheable_usd", "input_usd"]);
const COLUMN = String.raw`([a-z_]+|attributes\['(?:[^']|'')*'\])`;
const TEXT = "'(?:[^']|'')*'";
const COMPARISON = new RegExp(
  String.raw`^${COLUMN}\s*(=|!=|<=|>=|<|>)\s*(${TEXT}|-?[\d.]+(?:e-?\d+)?|true|false)$`,
  "i",
);
const CHOICE = new RegExp(String.raw`^${COLUMN}\s+in\s*\(\s*(${TEXT}(?:\s*,\s*${TEXT})*)\s*\)$`, "i");
const FLAG = new RegExp(String.raw`^(not\s+)?${COLUMN}$`, "i");

/** Translate a condition of comparisons joined by `and`; what else it says is left out. */
export function filtersOfCondition(condition: string): Narrowing {
  const parts = condition.trim() ? splitAtAnd(condition.trim()) : [];
  const filters = parts.map(filterOf);
  return {
    filters: filters.filter((filter) => filter !== null),
    isWhole: !filters.includes(null),
  };
}

function filterOf(part: string): string | null {
  const comparison = COMPARISON.exec(part);
  if (comparison) return compared(comparison[1] ?? "", comparison[2] ?? "", plain(comparison[3] ?? ""));
  const choice = CHOICE.exec(part);
  if (choice) {
    const values = [...(choice[2] ?? "").matchAll(new RegExp(TEXT, "g"))].map(([text]) =>
      escaped(plain(text)),
    );
    return written(choice[1] ?? "", "in", values.join(","));
  }
  const flag = FLAG.exec(part);
  return flag ? written(flag[2] ?? "", "eq", flag[1] ? "false" : "true") : null;
}

/** An absent text is `''` to signals and null to the list. */
function compared(column: string, operator: string, value: string): string | null {
  if (value === "" && operator === "=") return written(column, "is_null", "true");
  if (value === "" && operator === "!=") return written(column, "is_null", "false");
  return written(column, OPERATORS[operator] ?? "eq", value);
}

function written(column: string, operator: string, value: string): string | null {
  const attribute = /^attributes\['(.*)'\]$/.exec(column);
  const name = attribute ? `attributes.${attribute[1]}` : (RENAMED[column] ?? column);
  return UNLISTED.has(name) || name.includes(":") ? null : `${name}:${operator}:${value}`;
}

function plain(text: string): string {
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text;
}

function escaped(text: string): string {
  return text.replace(/[\\,]/g, "\\$&");
}

/** Parts between `and`s that stand in no brackets and no text. */
function splitAtAnd(condition: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (const match of condition.matchAll(/'(?:[^']|'')*'|[()]|\band\b/gi)) {
    if (match[0] === "(") depth++;
    else if (match[0] === ")") depth--;
    else if (depth === 0 && match[0].toLowerCase() === "and") {
      parts.push(condition.slice(from, match.index).trim());
      from = match.index + match[0].length;
    }
  }
  return [...parts, condition.slice(from).trim()];
}

interface Behind {
  signal: Signal;
  catalogue: readonly Signal[];
  labels: Readonly<Record<string, string>>;
  where: string | undefined;
}

/** Filters that list the spans behind a value; of a formula those of the first signal it names. */
export function filtersBehind({ signal, catalogue, labels, where }: Behind): Narrowing {
  const { over, value } = leading(signal, catalogue);
  const source = /^\s*spans(?:\s+where\s+(.*))?$/is.exec(over);
  if (!source) return { filters: ofLabels(labels, value, true).filters, isWhole: false };
  const parts = [
    filtersOfCondition(source[1] ?? ""),
    filtersOfCondition(failing(value, signal.better)),
    filtersOfCondition(where ?? ""),
    ofLabels(labels, value, false),
  ];
  return {
    filters: [...new Set(parts.flatMap(({ filters }) => filters))],
    isWhole: parts.every(({ isWhole }) => isWhole),
  };
}

function leading(signal: Signal, catalogue: readonly Signal[], depth = 0): { over: string; value: string } {
  if (signal.over !== null || depth > 8) return { over: signal.over ?? "", value: signal.value };
  const first = namesIn(signal.value)
    .map((name) => catalogue.find((known) => known.name === name))
    .find(Boolean);
  return first ? leading(first, catalogue, depth + 1) : { over: "", value: signal.value };
}

/** Which of the records make it worse, where a share or count says so. */
function failing(value: string, better: Signal["better"]): string {
  const counted = /^\s*(?:ratio|count|rate)\s*\((.+)\)\s*$/s.exec(value)?.[1]?.trim() ?? "";
  const chosen = /^\s*topk\s*\(.*\bwhere\b(.+)\)\s*$/s.exec(value)?.[1]?.trim();
  if (chosen) return chosen;
  if (better !== "higher") return better === "lower" || value.trim().startsWith("count") ? counted : "";
  if (/^[a-z_]+$/.test(counted)) return `not ${counted}`;
  const unequal = /^([a-z_]+)\s*!=\s*('[^']*')$/.exec(counted);
  return unequal ? `${unequal[1]} = ${unequal[2]}` : "";
}

function ofLabels(labels: Behind["labels"], value: string, isForeign: boolean): Narrowing {
  const shared = new Set(["service", "environment"]);
  const measured = /^\s*histogram\s*\(\s*([a-z_]+)/.exec(value)?.[1];
  const found = Object.entries(labels).map(([name, text]) => {
    if (name === "bucket" && measured) return ofBucket(measured, text);
    if (isForeign && !shared.has(name)) return [];
    return [compared(name, "=", text)];
  });
  const filters = found.flat().filter((filter) => filter !== null);
  return { filters, isWhole: found.every((list) => list.length > 0 && !list.includes(null)) };
}

/** `0`, `2-3` or `21+` of a histogram over whole numbers. */
function ofBucket(column: string, bucket: string): (string | null)[] {
  const [, low, high, isOpen] = /^(\d+)(?:-(\d+)|(\+))?$/.exec(bucket) ?? [];
  if (low === undefined) return [];
  if (high !== undefined) return [written(column, "gte", low), written(column, "lte", high)];
  return [written(column, isOpen ? "gte" : "eq", low)];
}

const NAME = /[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+/g;

/** Names of signals that a formula speaks of. */
export function namesIn(formula: string): string[] {
  return [...new Set(formula.match(NAME) ?? [])];
}
