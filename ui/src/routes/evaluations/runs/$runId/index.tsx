import { createFileRoute } from "@tanstack/react-router";
import { RunPage } from "@/features/evaluations/run/run-page";
import { readRunSearch } from "@/features/evaluations/search";

export const Route = createFileRoute("/evaluations/runs/$runId/")({
  validateSearch: readRunSearch,
  component: function RunRoute() {
    const { runId } = Route.useParams();
    return <RunPage key={runId} runId={runId} />;
  },
});
