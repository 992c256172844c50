import { createFileRoute } from "@tanstack/react-router";
import { SessionPage } from "@/features/owners/session-page";

export const Route = createFileRoute("/sessions/$sessionId")({
  component: function SessionRoute() {
    const { sessionId } = Route.useParams();
    return <SessionPage key={sessionId} sessionId={sessionId} />;
  },
});
