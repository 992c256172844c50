import { useTranslation } from "react-i18next";

/** Codes of reasons that have words; a plug-in's own code is shown as it is. */
const KNOWN = [
  "no_answer",
  "no_contexts",
  "no_context_text",
  "no_context_ids",
  "no_reference",
  "no_reference_contexts",
  "no_reference_text",
  "no_reference_claims",
  "no_relevance",
  "no_tool_calls",
  "no_reference_tool_calls",
  "no_turns",
  "no_turn_answers",
  "no_turn_latency",
  "no_latency",
  "no_cost",
  "no_tokens",
  "no_claims",
  "no_statements",
  "no_numbers",
  "no_entities",
  "no_words",
  "no_key_points",
  "no_supported_claims",
  "no_calls_made",
  "no_calls_expected",
  "no_calls_paired",
  "single_turn",
  "noncommittal",
  "low_coverage",
  "zero_vector",
  "empty_answer",
  "target_failed",
  "metric_failed",
  "option_missing",
  "extra_missing",
  "no_value",
  "too_long",
  "no_judge",
  "judge_timeout",
  "judge_rate_limited",
  "judge_truncated",
  "judge_invalid_json",
  "judge_wrong_shape",
  "judge_refused",
  "judge_auth",
  "judge_rejected",
  "judge_unavailable",
  "judge_network",
] as const;

/** Why there is no value, or what is special about it, in words. */
export function useReasons(): (code: string) => string {
  const { t } = useTranslation("evals");
  return (code) => {
    const known = KNOWN.find((name) => name === code);
    return known ? t(`reason.${known}`) : code;
  };
}
