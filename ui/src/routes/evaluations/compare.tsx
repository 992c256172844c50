import { createFileRoute } from "@tanstack/react-router";
import { ComparePage } from "@/features/evaluations/compare/compare-page";
import { readCompareSearch } from "@/features/evaluations/search";

export const Route = createFileRoute("/evaluations/compare")({
  validateSearch: readCompareSearch,
  component: ComparePage,
});
