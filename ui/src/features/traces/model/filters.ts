/** Filters as the URL and the server write them: `column:operator:value`. */

export const OPERATORS = [
  ...(["eq", "ne", "in", "contains", "prefix"] as const),
  ...(["gt", "gte", "lt", "lte", "is_null"] as const),
];
export type Operator = (typeof OPERATORS)[number];

export interface Filter {
  column: string;
  operator: Operator;
  /** Everything after the second colon; several values of `in` are separated by commas. */
  value: string;
}

/** Read a filter; null for what is none, such as an operator that does not exist. */
export function parseFilter(text: string): Filter | null {
  const match = /^\s*([^\s:]+):([a-z_]+)(?::([\s\S]*))?$/.exec(text);
  const operator = OPERATORS.find((known) => known === match?.[2]);
  const [column, value = ""] = [match?.[1], match?.[3]];
  if (!column || !operator || (value === "" && operator !== "is_null")) return null;
  return { column, operator, value };
}

export function writeFilter({ column, operator, value }: Filter): string {
  return value === "" ? `${column}:${operator}` : `${column}:${operator}:${value}`;
}

/** The values of a filter, one for every operator but `in`. */
export function valuesOf({ operator, value }: Filter): string[] {
  if (operator !== "in") return [value];
  const values: string[] = [];
  let current = "";
  for (const [part] of value.matchAll(/\\[\\,]|,|[^\\,]+|\\/g)) {
    if (part === ",") {
      values.push(current);
      current = "";
    } else current += part === "\\," || part === "\\\\" ? part.charAt(1) : part;
  }
  values.push(current);
  return values.filter(Boolean);
}

/** A filter on any of the values; a single one is written `eq`. */
export function filterOnAny(column: string, values: readonly string[]): Filter {
  const [only = ""] = values;
  if (values.length === 1) return { column, operator: "eq", value: only };
  const value = values.map((one) => one.replaceAll("\\", "\\\\").replaceAll(",", "\\,")).join(",");
  return { column, operator: "in", value };
}

/** With one filter more; one that is there already is not written twice. */
export function withFilter(filters: readonly string[], added: Filter): string[] {
  const written = writeFilter(added);
  return filters.includes(written) ? [...filters] : [...filters, written];
}

/** Whether the filters ask for a value of a column, leave it out, or say nothing of it. */
export function stanceOn(
  filters: readonly string[],
  column: string,
  value: string,
): "included" | "excluded" | null {
  if (filters.includes(writeFilter({ column, operator: "ne", value }))) return "excluded";
  const isIncluded = filters.some((text) => {
    const filter = parseFilter(text);
    const isEquality = filter?.operator === "eq" || filter?.operator === "in";
    return filter && isEquality && filter.column === column && valuesOf(filter).includes(value);
  });
  return isIncluded ? "included" : null;
}

/** Ask for a value, or stop asking for it. Another value of the same column is added to the first. */
export function toggleIncluded(filters: readonly string[], column: string, value: string): string[] {
  const rest = filters.filter((text) => text !== writeFilter({ column, operator: "ne", value }));
  const index = rest.findIndex((text) => {
    const filter = parseFilter(text);
    return filter?.column === column && (filter.operator === "eq" || filter.operator === "in");
  });
  if (index < 0) return withFilter(rest, { column, operator: "eq", value });
  const old = valuesOf(parseFilter(rest[index] ?? "") as Filter);
  const values = old.includes(value) ? old.filter((one) => one !== value) : [...old, value];
  if (values.length === 0) return rest.toSpliced(index, 1);
  return rest.with(index, writeFilter(filterOnAny(column, values)));
}

/** Leave a value out, or stop leaving it out. */
export function toggleExcluded(filters: readonly string[], column: string, value: string): string[] {
  const excluded = writeFilter({ column, operator: "ne", value });
  if (filters.includes(excluded)) return filters.filter((text) => text !== excluded);
  const isIncluded = stanceOn(filters, column, value) === "included";
  return [...(isIncluded ? toggleIncluded(filters, column, value) : filters), excluded];
}
