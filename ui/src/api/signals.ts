import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type Signal = components["schemas"]["SignalView"];
export type SeriesAnswer = components["schemas"]["SeriesAnswer"];
export type FailedQuestion = components["schemas"]["FailedQuestion"];
export type Answer = SeriesAnswer | FailedQuestion;

/** A question for the numbers of a signal; see `POST /signals/query`. */
export interface Question {
  name: string;
  since?: string;
  until?: string;
  last?: string;
  step?: string;
  by?: string[];
  where?: string;
}

export const signalKeys = {
  all: ["signals"] as const,
  catalogue: () => [...signalKeys.all, "catalogue"] as const,
  answers: (scope: Scope, questions: Questions) =>
    [...signalKeys.all, "answers", scope.project ?? null, questions] as const,
  explanation: (scope: Scope, question: Question) =>
    [...signalKeys.all, "explanation", scope.project ?? null, question] as const,
};

/** The catalogue; it changes only when a server starts with other packs. */
export const catalogueQuery = queryOptions({
  queryKey: signalKeys.catalogue(),
  queryFn: ({ signal }) => ask(client.GET("/api/v1/signals", { signal })),
  select: (answer) => answer.signals,
  staleTime: 10 * 60_000,
});

/** Questions by what they are for, such as `tile-1:value`; answers come under the same names. */
export type Questions = Readonly<Record<string, Question>>;
export type Answers = Readonly<Record<string, Answer>>;

const MAX_QUESTIONS = 100;

export function hasFailed(answer: Answer): answer is FailedQuestion {
  return "error" in answer;
}

/** All numbers of a page at once: one request per 100 questions, each asked once however often it is named.
 *
 * While a new range loads, the answers of the old one stay under their names.
 */
export function answersQuery(scope: Scope, questions: Questions) {
  return queryOptions({
    queryKey: signalKeys.answers(scope, questions),
    queryFn: ({ signal }) => askAll(scope, questions, signal),
    enabled: Object.keys(questions).length > 0,
    placeholderData: keepPreviousData,
    meta: { live: true },
  });
}

async function askAll(scope: Scope, questions: Questions, signal: AbortSignal): Promise<Answers> {
  const asked = new Map(Object.values(questions).map((question) => [JSON.stringify(question), question]));
  const keys = [...asked.keys()];
  const parts = Array.from({ length: Math.ceil(keys.length / MAX_QUESTIONS) }, (_, index) =>
    keys.slice(index * MAX_QUESTIONS, (index + 1) * MAX_QUESTIONS),
  );
  const results = await Promise.all(
    parts.map((part) =>
      askSome(
        scope,
        part.map((key) => asked.get(key) as Question),
        signal,
      ),
    ),
  );
  const answers = new Map(results.flat().map((answer, index) => [keys[index], answer]));
  return Object.fromEntries(
    Object.entries(questions).flatMap(([name, question]) => {
      const answer = answers.get(JSON.stringify(question));
      return answer ? [[name, answer]] : [];
    }),
  );
}

async function askSome(scope: Scope, questions: Question[], signal: AbortSignal): Promise<Answer[]> {
  const queries = questions.map(({ by = [], ...question }) => ({ ...question, by }));
  const answer = await ask(
    client.POST("/api/v1/signals/query", {
      params: { query: projectOf(scope) },
      body: { queries, shape: "series" },
      signal,
    }),
  );
  return answer.results as Answer[];
}

/** How a question is answered and, if it has no value, why not. */
export function explanationQuery(scope: Scope, question: Question) {
  const { by, ...asked } = question;
  return queryOptions({
    queryKey: signalKeys.explanation(scope, question),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/signals/explain", {
          params: { query: { ...projectOf(scope), ...asked, ...(by?.length ? { by: by.join(",") } : {}) } },
          signal,
        }),
      ),
  });
}
