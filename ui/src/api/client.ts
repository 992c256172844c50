import createClient from "openapi-fetch";
import { ApiProblem, problemOf } from "./problem";
import type { paths } from "./schema.gen";

/** Whose data a question is about; all of it lives in the URL. */
export interface Scope {
  project?: string;
  environment?: string;
  service?: string;
}

/** Tells the server that a request with a log-in cookie came from these pages, not from another site. */
const headers = { "X-Pitwall-UI": "1" };

// `fetch` is looked up at each call, so that tests can stand in for it.
export const client = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  headers,
  fetch: (request) => globalThis.fetch(request),
  querySerializer: { array: { style: "form", explode: true } },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Wait for an answer and return its body.
 *
 * @throws ApiProblem The server refused, or no answer came.
 */
export async function ask<T>(request: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await request;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem(0, "network", error instanceof Error ? error.message : String(error));
  }
  if (!answer.response.ok) throw problemOf(answer.response.status, answer.error);
  return answer.data as T;
}

/** The condition of a signal's question that keeps to an environment and a service. */
export function whereOf(scope: Scope, extra?: string | null): string | undefined {
  const conditions = [
    scope.environment && `environment = ${quoted(scope.environment)}`,
    scope.service && `service = ${quoted(scope.service)}`,
    extra && (scope.environment || scope.service) ? `(${extra})` : extra,
  ].filter(Boolean);
  return conditions.length ? conditions.join(" and ") : undefined;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Filters of trace lists that keep to an environment and a service. */
export function filtersOf(scope: Scope): string[] {
  const filters = [];
  if (scope.environment) filters.push(`environment:eq:${scope.environment}`);
  if (scope.service) filters.push(`service:eq:${scope.service}`);
  return filters;
}

/** The query value that names the project, if one was chosen. */
export function projectOf(scope: Scope): { project?: string } {
  return scope.project ? { project: scope.project } : {};
}
