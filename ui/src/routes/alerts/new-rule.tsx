import { createFileRoute } from "@tanstack/react-router";
import { NewRulePage } from "@/features/alerts/editor/rule-page";
import { readNewRuleSearch } from "@/features/alerts/search";

export const Route = createFileRoute("/alerts/new-rule")({
  validateSearch: readNewRuleSearch,
  component: NewRulePage,
});
