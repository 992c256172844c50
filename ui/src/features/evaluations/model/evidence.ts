/** What a score rests on: the evidence of any metric, read forgivingly into lists, facts and the rest. */

import type { Band } from "@/components/ui/band-mark";

export interface EvidenceItem {
  text: string;
  /** Each judgement of it; a claim may be judged by chunks and by claims of the reference. */
  judgements: Judgement[];
}

export interface Judgement {
  /** What it was judged by: `chunks`, `reference_claims`, `claims`; null for the only judgement there is. */
  by: string | null;
  /** Such as `supported`; null if no verdict came. */
  verdict: string | null;
  reason: string | null;
  /** Positions of the chunks it rests on. */
  chunks: number[];
  /** Positions of the claims of the other side it rests on. */
  claims: number[];
}

export interface EvidenceList {
  name: string;
  items: EvidenceItem[];
}

export interface Evidence {
  lists: EvidenceList[];
  /** Plain values: numbers, words, yes or no. */
  facts: [string, string | number | boolean][];
  /** Evidence within evidence, such as that of each turn of a conversation. */
  parts: { name: string; value: number | null; evidence: Evidence }[];
  /** What fits none of these, as it came. */
  rest: [string, unknown][];
}

type Json = Record<string, unknown>;

const EMPTY: Evidence = { lists: [], facts: [], parts: [], rest: [] };

export function readEvidence(raw: unknown): Evidence {
  if (raw === null || raw === undefined) return EMPTY;
  if (!isObject(raw)) return { ...EMPTY, rest: [["evidence", raw]] };
  const found: Evidence = { lists: [], facts: [], parts: [], rest: [] };
  for (const [name, value] of Object.entries(raw)) addTo(found, name, value);
  return found;
}

function addTo(found: Evidence, name: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string")
    found.facts.push([name, value]);
  else if (Array.isArray(value)) addList(found, name, value);
  else if (isObject(value) && "evidence" in value) found.parts.push(partOf(name, value));
  else if (isObject(value) && isFlat(value))
    found.facts.push(
      ...Object.entries(value).flatMap(([key, number]): Evidence["facts"] =>
        number === null ? [] : [[`${name}.${key}`, number as string | number | boolean]],
      ),
    );
  else found.rest.push([name, value]);
}

function addList(found: Evidence, name: string, values: readonly unknown[]): void {
  if (values.length === 0) return;
  if (values.every((one) => isObject(one) && "evidence" in one))
    found.parts.push(...values.map((one, index) => partOf(`${name} ${index + 1}`, one as Json)));
  else if (values.every((one) => isObject(one) && textOf(one) !== null))
    found.lists.push({ name, items: values.map((one) => itemOf(one as Json)) });
  else if (values.every((one) => typeof one === "string"))
    found.lists.push({ name, items: values.map((text) => ({ text: String(text), judgements: [] })) });
  else found.rest.push([name, values]);
}

function partOf(name: string, value: Json): Evidence["parts"][number] {
  return {
    name,
    value: typeof value.value === "number" ? value.value : null,
    evidence: readEvidence(value.evidence),
  };
}

function itemOf(value: Json): EvidenceItem {
  const judged = Object.entries(value).filter(([key, one]) => key.startsWith("by_") && isObject(one));
  const judgements =
    judged.length > 0
      ? judged.map(([key, one]) => judgementOf(key.slice("by_".length), one as Json))
      : plainJudgement(value);
  return { text: textOf(value) ?? "", judgements };
}

function judgementOf(by: string | null, value: Json): Judgement {
  return {
    by,
    verdict: wordOf(value.verdict),
    reason: typeof value.reason === "string" && value.reason !== "" ? value.reason : null,
    chunks: placesOf(value.chunks ?? value.chunk),
    claims: [...placesOf(value.reference_claims), ...placesOf(value.claims)],
  };
}

/** Items that are judged once say so themselves: by a verdict, by what was kept, or by where they were found. */
function plainJudgement(value: Json): Judgement[] {
  const judgement = judgementOf(null, value);
  if ("verdict" in value) return [judgement];
  if (typeof value.kept === "boolean") return [{ ...judgement, verdict: value.kept ? "kept" : "lost" }];
  if ("chunk" in value) return [{ ...judgement, verdict: foundIn(value) }];
  if (typeof value.cosine === "number")
    return [{ ...judgement, verdict: value.is_noncommittal === true ? "noncommittal" : null }];
  return judgement.reason || judgement.chunks.length > 0 ? [judgement] : [];
}

function foundIn(value: Json): string {
  if (value.chunk !== null) return "supported";
  return value.in_question === true ? "in_question" : "not_stated";
}

const BANDS: Readonly<Record<string, Band>> = {
  contradicted: "critical",
  not_stated: "warning",
  off_topic: "warning",
  noncommittal: "warning",
  not_answered: "warning",
  unsupported: "warning",
  lost: "warning",
  no: "warning",
  unknown: "no_data",
};

/** How bad a verdict is; none at all is no data. */
export function bandOfVerdict(verdict: string | null): Band {
  return verdict === null ? "no_data" : (BANDS[verdict] ?? "normal");
}

function textOf(value: Json): string | null {
  for (const key of ["text", "sentence", "claim", "question"])
    if (typeof value[key] === "string") return value[key];
  // Votes of a judge have a verdict and a reason, and no text of their own.
  return typeof value.reason === "string" && typeof value.verdict === "string" ? value.reason : null;
}

function wordOf(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

function placesOf(value: unknown): number[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((one): one is number => typeof one === "number" && Number.isSafeInteger(one));
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isFlat(value: Json): boolean {
  return Object.values(value).every((one) => one === null || typeof one !== "object");
}
