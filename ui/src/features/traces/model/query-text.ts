/** What people type into the filter bar, such as `model:qwen error latency>20s`, as filters. */

import type { Column } from "@/api/traces";
import { isDurationUnit, readAmount } from "./amounts";
import { type Filter, filterOnAny, OPERATORS, type Operator, parseFilter } from "./filters";

const ALIASES: Readonly<Record<string, string>> = {
  ...{ latency: "duration_ms", duration: "duration_ms", 지연: "duration_ms", 시간: "duration_ms" },
  ...{ ttft: "ttft_ms", cost: "cost_usd", error: "error_class", errors: "error_class", 오류: "error_class" },
  ...{ env: "environment", session: "session_id", user: "user_id", request: "request_id" },
  ...{ trace: "trace_id", span: "span_id", tool: "tool_name", prompt: "prompt_name", type: "kind" },
  ...{ input: "input_preview", output: "output_preview", fallback: "is_fallback", http: "http_status" },
};
const SIGNS: Readonly<Record<string, Operator>> = {
  ...{ ">=": "gte", "<=": "lte", "!=": "ne", ">": "gt", "<": "lt", "=": "eq", "~": "contains" },
};
const FAILED: Filter = { column: "status", operator: "eq", value: "error" };
const FAILED_WORDS = new Set(["error", "errors", "failed", "오류", "에러", "실패"]);
const JOINTS = new Set(["and", "&", "&&", "그리고"]);
const YES = new Set(["true", "yes", "1", "예", "참"]);
const NO = new Set(["false", "no", "0", "아니요", "거짓"]);

export interface QueryText {
  filters: Filter[];
  /** Words that are no filter: a text to look for. */
  words: string;
}

export class ColumnFinder {
  private readonly names = new Map<string, Column>();

  constructor(columns: readonly Column[]) {
    for (const column of columns) {
      for (const title of Object.values(column.title)) this.names.set(plain(title), column);
    }
    for (const [alias, name] of Object.entries(ALIASES)) {
      const column = columns.find((known) => known.name === name);
      if (column) this.names.set(alias, column);
    }
    for (const column of columns) this.names.set(column.name, column);
  }

  /** The column of a name, a title in either language or a short word; raw attributes are columns of text. */
  find(name: string): Column | null {
    return this.names.get(name) ?? this.names.get(plain(name)) ?? attributeColumn(name);
  }
}

function plain(title: string): string {
  return title.toLowerCase().replace(/[\s_-]+/g, "_");
}

/** A raw attribute, which may hold anything. */
export function attributeColumn(name: string): Column | null {
  if (!/^(resource_)?attributes\..+/.test(name)) return null;
  const operators: Operator[] = [...OPERATORS];
  const title = { en: name, ko: name };
  return {
    name,
    title,
    operators,
    group: "attributes",
    type: "text",
    unit: null,
    choices: [],
    is_list: false,
    has_facet: true,
  };
}

/** Read a text; `isKnown` says whether a value occurs, so that `model:x` means exactly that. */
export function readQueryText(
  text: string,
  finder: ColumnFinder,
  isKnown: (column: string, value: string) => boolean = () => false,
): QueryText {
  const filters: Filter[] = [];
  const words: string[] = [];
  const tokens = tokenize(glue(text, finder));
  for (const token of tokens) {
    const filter = readToken(token, finder, isKnown);
    if (filter) filters.push(filter);
    else if (!JOINTS.has(token) || filters.length === 0) words.push(unquoted(token));
  }
  return { filters, words: words.join(" ").trim() };
}

/** Filters of pasted lines, one a line; null if a line is none. */
export function readPastedFilters(text: string): Filter[] | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  const filters = lines.map((line) => parseFilter(line.trim()));
  return lines.length > 0 && filters.every((filter) => filter !== null) ? (filters as Filter[]) : null;
}

/** Words, where quotes hold together what belongs together. */
function tokenize(text: string): string[] {
  return text.match(/(?:[^\s"]+|"[^"]*"?)+/g) ?? [];
}

/** Put together what people write apart, such as `latency > 20 s` or `error is timeout`; not within quotes. */
function glue(text: string, finder: ColumnFinder): string {
  return text
    .split(/("[^"]*"?)/)
    .map((part, index) => (index % 2 ? part : glueWords(part, finder)))
    .join("");
}

function glueWords(text: string, finder: ColumnFinder): string {
  return text
    .replace(/([^\s:<>=!~]+)\s+is(\s+not)?\s+/g, (whole, name: string, not?: string) =>
      finder.find(name) ? `${name}${not ? "!=" : "="}` : whole,
    )
    .replace(/([^\s:<>=!~]+)\s*(>=|<=|!=|>|<|=|~)\s*/g, (whole, name: string, sign: string) =>
      finder.find(name) ? `${name}${sign}` : whole,
    )
    .replace(/([<>=:]\d[\d.,]*)\s+(\p{L}+)/gu, (whole, number: string, word: string) =>
      isDurationUnit(word) ? `${number}${word}` : whole,
    );
}

function readToken(
  token: string,
  finder: ColumnFinder,
  isKnown: (column: string, value: string) => boolean,
): Filter | null {
  if (FAILED_WORDS.has(token.toLowerCase())) return FAILED;
  if (/^[0-9a-f]{32}$/i.test(token))
    return { column: "trace_id", operator: "eq", value: token.toLowerCase() };
  const compact = parseFilter(token);
  if (compact && finder.find(compact.column)) return { ...compact, value: unquoted(compact.value) };
  const isNegated = /^[-!].+[:=]/.test(token);
  const written = isNegated ? token.slice(1) : token;
  const match = /^([^\s:<>=!~"]+)(:|>=|<=|!=|>|<|=|~)([\s\S]+)$/.exec(written);
  const column = match && finder.find(match[1] ?? "");
  if (!match || !column) return null;
  return filterOf(column, match[2] ?? ":", unquoted(match[3] ?? ""), isNegated, isKnown);
}

function filterOf(
  column: Column,
  sign: string,
  value: string,
  isNegated: boolean,
  isKnown: (column: string, value: string) => boolean,
): Filter | null {
  const { name, operators } = column;
  if (value === "*") return { column: name, operator: "is_null", value: isNegated ? "true" : "false" };
  const read = readValue(column, value);
  if (read === null) return null;
  const isLoose = sign === ":" && operators.includes("contains") && !isKnown(name, read);
  const isNone = isNegated && operators.includes("ne");
  if (!isNone && (sign === ":" || sign === "=") && value.includes(",") && operators.includes("in"))
    return filterOnAny(
      name,
      value.split(",").flatMap((one) => readValue(column, one.trim()) ?? []),
    );
  const wanted = isNone ? "ne" : isLoose ? "contains" : (SIGNS[sign] ?? "eq");
  return operators.includes(wanted) ? { column: name, operator: wanted, value: read } : null;
}

/** A value as the column's filters write it; null if the column cannot have it. */
export function readValue(column: Column, text: string): string | null {
  if (column.type === "number") return readAmount(text, column.unit)?.toString() ?? null;
  const word = text.toLowerCase();
  if (column.type === "flag") return YES.has(word) ? "true" : NO.has(word) ? "false" : null;
  if (column.choices.length === 0) return text;
  return (
    column.choices.find((choice) => choice.toLowerCase() === word) ??
    column.choices.find((choice) => choice.toLowerCase().startsWith(word)) ??
    null
  );
}

function unquoted(text: string): string {
  return text.replace(/^"([^"]*)"?$/, "$1");
}
