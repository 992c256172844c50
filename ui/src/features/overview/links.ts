/** Where the overview leads to. */

import type { ErrorGroup } from "@/api/errors";
import { keptSearch, type PageSearch } from "@/lib/page-state";

/** The list of traces over the page's time, with conditions besides its scope. */
interface TracesLink extends PageSearch {
  filter: string[];
}

export function tracesOfError(search: PageSearch, error: ErrorGroup): TracesLink {
  const conditions = [
    ["error_class", error.error_class],
    ["error_type", error.error_type],
    ["name", error.name],
    ["service", error.service],
    ["model", error.model],
  ] as const;
  const filter = conditions.flatMap(([column, value]) => (value === null ? [] : [`${column}:eq:${value}`]));
  return { ...keptSearch(search), filter: ["status:eq:error", ...filter] };
}

export function tracesOfModel(search: PageSearch, model: string): TracesLink {
  return { ...keptSearch(search), filter: [`model:eq:${model}`] };
}
