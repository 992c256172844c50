/** What the list of traces keeps in its URL besides what every page does. */
export interface TracesSearch {
  /** Text in inputs and outputs. */
  q?: string;
}

export function readTracesSearch(raw: Record<string, unknown>): TracesSearch {
  return typeof raw.q === "string" && raw.q ? { q: raw.q } : {};
}
