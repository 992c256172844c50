import { createFileRoute } from "@tanstack/react-router";
import { AlertPage } from "@/features/alerts/alert-page";

export const Route = createFileRoute("/alerts/$alertId")({
  component: function AlertRoute() {
    const { alertId } = Route.useParams();
    return <AlertPage key={alertId} alertId={alertId} />;
  },
});
