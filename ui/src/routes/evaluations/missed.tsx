import { createFileRoute } from "@tanstack/react-router";
import { MissedPage } from "@/features/evaluations/missed/missed-page";
import { readMissedSearch } from "@/features/evaluations/search";

export const Route = createFileRoute("/evaluations/missed")({
  validateSearch: readMissedSearch,
  component: MissedPage,
});
