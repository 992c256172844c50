/** Limits of alerts, such as `> 45000`, for people and for charts. */

import type { Severity } from "@/api/alerts";
import type { ChartLimit } from "@/components/charts/types";
import type { Language } from "@/i18n/languages";
import { visibleLine } from "@/lib/foreign-text";
import { formatValue } from "@/lib/format";

const LIMIT = /^\s*(<=|>=|<|>)\s*(-?[\d.]+(?:[eE][+-]?\d+)?)\s*$/;

/** A limit in the unit of its signal, such as `> 45 s`; what is no plain limit stays as it is. */
export function writeLimit(limit: string, unit: string, language: Language): string {
  const match = LIMIT.exec(limit);
  return match ? `${match[1]} ${formatValue(Number(match[2]), unit, language)}` : visibleLine(limit);
}

/** The line of an alert's own limit in a chart of its signal; none where it is no plain number. */
export function chartLimitsOf(limit: string, severity: Severity): ChartLimit[] {
  const match = LIMIT.exec(limit);
  if (!match?.[1]) return [];
  const band = severity === "critical" ? "critical" : "warning";
  return [{ band, isUpper: match[1].startsWith(">"), value: Number(match[2]) }];
}
