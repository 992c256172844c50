import { useEffect, useRef, useState } from "react";
import { type RuleContent, useParseRule } from "@/api/alert-rules";
import { type LineNote, notesOf } from "@/components/ui/code-area";
import { usePageState } from "@/lib/page-state";
import { writeYaml } from "@/lib/yaml";

const TYPING_REST_MS = 500;

export interface RuleDraft {
  rule: RuleContent;
  yaml: string;
  /** What the server says of the YAML, with lines; the rule is then that of before. */
  notes: readonly LineNote[];
  /** What it says that has no line. */
  error: Error | null;
  isReading: boolean;
  setRule: (rule: RuleContent) => void;
  setYaml: (yaml: string) => void;
}

/** A rule that is edited in a form and as YAML; each follows the other. */
export function useRuleDraft(original: RuleContent): RuleDraft {
  const { scope } = usePageState();
  const [rule, setRule] = useState(original);
  const [yaml, setYaml] = useState(() => writeYaml(original));
  const parse = useParseRule(scope);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(yaml);
  useEffect(() => () => clearTimeout(timer.current), []);
  const read = (text: string) =>
    parse.mutate(text, {
      // An answer to what was typed before does not replace what has been typed since.
      onSuccess: ({ rule: read }) => latest.current === text && setRule(read as unknown as RuleContent),
    });
  return {
    rule,
    yaml,
    notes: notesOf(parse.error),
    error: parse.error,
    isReading: parse.isPending,
    setRule: (next) => {
      clearTimeout(timer.current);
      parse.reset();
      setRule(next);
      latest.current = writeYaml(next);
      setYaml(latest.current);
    },
    setYaml: (text) => {
      clearTimeout(timer.current);
      latest.current = text;
      setYaml(text);
      timer.current = setTimeout(() => read(text), TYPING_REST_MS);
    },
  };
}
