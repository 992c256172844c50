/** What the page of health keeps in its URL besides what every page does. */
export interface HealthSearch {
  /** Name of the probe whose results are shown. */
  probe?: string;
}

export function readHealthSearch(raw: Record<string, unknown>): HealthSearch {
  const { probe } = raw;
  if (typeof probe === "number" || (typeof probe === "string" && probe)) return { probe: String(probe) };
  return {};
}
