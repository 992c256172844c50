import { createFileRoute } from "@tanstack/react-router";
import { readTraceSearch } from "@/features/trace/search";
import { TracePage } from "@/features/trace/trace-page";

export const Route = createFileRoute("/traces/$traceId")({
  validateSearch: readTraceSearch,
  component: function TraceRoute() {
    const { traceId } = Route.useParams();
    return <TracePage key={traceId} traceId={traceId} />;
  },
});
