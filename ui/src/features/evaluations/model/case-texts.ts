/** The texts of a case, read from the example and the answer as datasets write them. */

import type { Example } from "@/api/datasets";
import type { CaseDetail } from "@/api/eval-runs";

export interface Chunk {
  text: string;
  id: string | null;
  score: number | null;
}

export interface CaseTurn {
  question: string;
  answer: string | null;
  traceId: string | null;
}

export interface CaseTexts {
  question: string | null;
  answer: string | null;
  error: string | null;
  reference: string | null;
  /** Null if nobody knows what was retrieved; empty if nothing was. */
  contexts: Chunk[] | null;
  referenceContexts: Chunk[];
  turns: CaseTurn[];
  toolCalls: unknown[];
  referenceToolCalls: unknown[];
  metadata: [string, string][];
}

type Json = Record<string, unknown>;

/** Of a case: the answer is the one that was judged. */
export function readCaseTexts(detail: CaseDetail): CaseTexts {
  const texts = textsOf(detail.example ?? {}, detail.judged_answer ?? {});
  return { ...texts, question: texts.question ?? detail.question, answer: texts.answer ?? detail.answer };
}

/** Of an example, with the answer that is stored with it. */
export function readExampleTexts(example: Example): CaseTexts {
  return textsOf({ ...example }, { ...example.answer });
}

function textsOf(example: Json, answer: Json): CaseTexts {
  return {
    question: textOf(example.question),
    answer: textOf(answer.text),
    error: textOf(answer.error),
    reference: textOf(example.reference),
    contexts: Array.isArray(answer.contexts) ? chunksOf(answer.contexts) : null,
    referenceContexts: chunksOf(example.reference_contexts),
    turns: listOf(answer.turns).flatMap(turnOf),
    toolCalls: listOf(answer.tool_calls),
    referenceToolCalls: listOf(example.reference_tool_calls),
    metadata: metadataOf(example.metadata),
  };
}

export function chunksOf(value: unknown): Chunk[] {
  return listOf(value).flatMap((one) => {
    if (!isObject(one)) return [];
    const { text, id, score } = one;
    return [{ text: textOf(text) ?? "", id: textOf(id), score: typeof score === "number" ? score : null }];
  });
}

function turnOf(value: unknown): CaseTurn[] {
  if (!isObject(value)) return [];
  const { question, answer, trace_id } = value;
  return [{ question: textOf(question) ?? "", answer: textOf(answer), traceId: textOf(trace_id) }];
}

function metadataOf(value: unknown): [string, string][] {
  if (!isObject(value)) return [];
  return Object.entries(value).map(([key, one]) => [
    key,
    typeof one === "string" ? one : JSON.stringify(one),
  ]);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
