import { createFileRoute } from "@tanstack/react-router";
import { RulesPage } from "@/features/alerts/rules/rules-page";
import { readRulesSearch } from "@/features/alerts/search";

export const Route = createFileRoute("/alerts/rules/")({
  validateSearch: readRulesSearch,
  component: RulesPage,
});
