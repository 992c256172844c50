import { createFileRoute } from "@tanstack/react-router";
import { IncidentPage } from "@/features/incidents/incident-page";

export const Route = createFileRoute("/incidents/$incidentId")({
  component: function IncidentRoute() {
    const { incidentId } = Route.useParams();
    return <IncidentPage key={incidentId} incidentId={incidentId} />;
  },
});
