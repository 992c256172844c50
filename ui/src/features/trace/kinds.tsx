import {
  IconArrowsSort,
  IconBraces,
  IconChecklist,
  IconDatabase,
  IconFileSearch,
  IconLink,
  IconPoint,
  IconRobot,
  IconShieldCheck,
  IconSitemap,
  IconSparkles,
  IconTool,
  IconVector,
  IconWorld,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

export const KINDS = [
  ...(["llm", "embedding", "retriever", "reranker", "tool", "agent", "workflow", "chain"] as const),
  ...(["cache", "parser", "guardrail", "evaluator", "http", "other"] as const),
] as const;
export type Kind = (typeof KINDS)[number];

const ICONS: Record<Kind, TablerIcon> = {
  llm: IconSparkles,
  embedding: IconVector,
  retriever: IconFileSearch,
  reranker: IconArrowsSort,
  tool: IconTool,
  agent: IconRobot,
  workflow: IconSitemap,
  chain: IconLink,
  cache: IconDatabase,
  parser: IconBraces,
  guardrail: IconShieldCheck,
  evaluator: IconChecklist,
  http: IconWorld,
  other: IconPoint,
};

/** A kind that is none of ours, or is missing, is `other`. */
export function kindOf(kind: string | null): Kind {
  return KINDS.find((known) => known === kind) ?? "other";
}

/** What a span is, as a picture; the word is read out. */
export function KindIcon({ kind, size = 14 }: { kind: string | null; size?: number }) {
  const { t } = useTranslation("trace");
  const known = kindOf(kind);
  return <KindPicture kind={known} word={t(`kind.${known}`)} size={size} />;
}

/** The same for rows, of which there are many: their texts are looked up once by the row. */
export function KindPicture({ kind, word, size = 14 }: { kind: Kind; word: string; size?: number }) {
  const Icon = ICONS[kind];
  return (
    <span title={word} style={{ display: "inline-flex", flex: "none", color: "var(--pw-ink-faint)" }}>
      <Icon size={size} stroke={1.7} aria-hidden />
      <span className="pw-visually-hidden">{word}</span>
    </span>
  );
}
