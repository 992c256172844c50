import { createFileRoute } from "@tanstack/react-router";
import { RunsPage } from "@/features/evaluations/runs/runs-page";
import { readRunsSearch } from "@/features/evaluations/search";

export const Route = createFileRoute("/evaluations/")({
  validateSearch: readRunsSearch,
  component: RunsPage,
});
