import { createFileRoute } from "@tanstack/react-router";
import { AnalysisPage } from "@/features/evaluations/analysis/analysis-page";
import { readAnalysisSearch } from "@/features/evaluations/search";

export const Route = createFileRoute("/evaluations/runs/$runId/analysis")({
  validateSearch: readAnalysisSearch,
  component: function AnalysisRoute() {
    const { runId } = Route.useParams();
    return <AnalysisPage key={runId} runId={runId} />;
  },
});
