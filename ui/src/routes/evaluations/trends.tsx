import { createFileRoute } from "@tanstack/react-router";
import { readTrendsSearch } from "@/features/evaluations/search";
import { TrendsPage } from "@/features/evaluations/trends/trends-page";

export const Route = createFileRoute("/evaluations/trends")({
  validateSearch: readTrendsSearch,
  component: TrendsPage,
});
