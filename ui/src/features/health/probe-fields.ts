import type { ProbeContent, ProbeKind } from "@/api/probes";

/** How a field is written: one text, a number, texts or numbers with commas between. */
type FieldType = "text" | "number" | "texts" | "numbers";

export interface ProbeField {
  name: FieldName;
  type: FieldType;
  isRequired?: boolean;
  /** What it is when left out, or an example. */
  example?: string;
}

export type FieldName =
  | ("url" | "address" | "path" | "status" | "contains" | "secret" | "min_certificate_days")
  | ("pulled" | "loaded" | "max_memory_bytes" | "collection" | "min_count" | "tenant" | "database")
  | ("max_memory_ratio" | "warning_free_ratio" | "min_free_ratio")
  | ("service" | "environment" | "every_seconds" | "timeout_seconds" | "retries" | "slow_ms");

const SECRET: ProbeField = { name: "secret", type: "text" };

const OWN: Record<ProbeKind, readonly ProbeField[]> = {
  http: [
    { name: "url", type: "text", isRequired: true, example: "http://127.0.0.1:8000/health" },
    { name: "status", type: "numbers", example: "200–299" },
    { name: "contains", type: "text" },
    { name: "min_certificate_days", type: "number", example: "14" },
    SECRET,
  ],
  tcp: [{ name: "address", type: "text", isRequired: true, example: "127.0.0.1:6333" }],
  ollama: [
    { name: "url", type: "text", example: "http://127.0.0.1:11434" },
    { name: "pulled", type: "texts", example: "qwen2.5:7b, bge-m3" },
    { name: "loaded", type: "texts", example: "qwen2.5:7b" },
    { name: "max_memory_bytes", type: "number" },
  ],
  chroma: [
    { name: "url", type: "text", example: "http://127.0.0.1:8000" },
    { name: "collection", type: "text" },
    { name: "min_count", type: "number", example: "1" },
    { name: "tenant", type: "text", example: "default_tenant" },
    { name: "database", type: "text", example: "default_database" },
    SECRET,
  ],
  redis: [
    { name: "url", type: "text", example: "redis://127.0.0.1:6379" },
    { name: "max_memory_ratio", type: "number", example: "0.9" },
    SECRET,
  ],
  postgres: [
    { name: "url", type: "text", isRequired: true, example: "postgresql://user@127.0.0.1:5432/name" },
    SECRET,
  ],
  disk: [
    { name: "path", type: "text", isRequired: true, example: "{data_dir}" },
    { name: "warning_free_ratio", type: "number", example: "0.15" },
    { name: "min_free_ratio", type: "number", example: "0.05" },
  ],
};

const COMMON: readonly ProbeField[] = [
  { name: "service", type: "text" },
  { name: "environment", type: "text" },
  { name: "every_seconds", type: "number", example: "30" },
  { name: "timeout_seconds", type: "number", example: "5" },
  { name: "retries", type: "number", example: "1" },
  { name: "slow_ms", type: "number" },
];

/** What can be said of a probe of a kind: its own fields first, then what all have. */
export function fieldsOf(kind: ProbeKind): readonly ProbeField[] {
  return [...OWN[kind], ...COMMON];
}

/** A probe as people fill it in; every value is text. */
export interface ProbeDraft {
  name: string;
  kind: ProbeKind;
  isEnabled: boolean;
  values: Partial<Record<FieldName, string>>;
}

export function draftOf(content: Record<string, unknown>, kind: ProbeKind): ProbeDraft {
  const values = Object.fromEntries(
    fieldsOf(kind).flatMap(({ name }) => {
      const value = content[name];
      if (value === undefined || value === null) return [];
      return [[name, Array.isArray(value) ? value.join(", ") : String(value)]];
    }),
  );
  return { name: String(content.name ?? ""), kind, isEnabled: content.is_enabled !== false, values };
}

/** The fields that are wrong as they are written; what only the server can judge it judges when saving. */
export function problemsOf(draft: ProbeDraft): FieldName[] {
  return fieldsOf(draft.kind)
    .filter((field) => !isGood(field, draft.values[field.name]?.trim() ?? ""))
    .map(({ name }) => name);
}

function isGood({ type, isRequired }: ProbeField, text: string): boolean {
  if (text === "") return !isRequired;
  if (type === "number") return Number.isFinite(Number(text));
  return type !== "numbers" || listOf(text).every((part) => Number.isFinite(Number(part)));
}

function listOf(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

/** The probe to save; what the form does not show stays as it was, what is empty is left to its default. */
export function contentOf(draft: ProbeDraft, before: Record<string, unknown>): ProbeContent {
  const content: Record<string, unknown> = before.kind === draft.kind ? { ...before } : {};
  for (const { name, type } of fieldsOf(draft.kind)) {
    const text = draft.values[name]?.trim() ?? "";
    if (text === "") delete content[name];
    else content[name] = readField(type, text);
  }
  const { name, kind, isEnabled } = draft;
  return { ...content, name, kind, is_enabled: isEnabled } as unknown as ProbeContent;
}

function readField(type: FieldType, text: string): unknown {
  if (type === "number") return Number(text);
  if (type === "texts") return listOf(text);
  return type === "numbers" ? listOf(text).map(Number) : text;
}
