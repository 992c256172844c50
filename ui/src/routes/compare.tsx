import { createFileRoute } from "@tanstack/react-router";
import { ComparePage } from "@/features/trace/compare/compare-page";
import { readCompareSearch } from "@/features/trace/search";

export const Route = createFileRoute("/compare")({
  validateSearch: readCompareSearch,
  component: ComparePage,
});
