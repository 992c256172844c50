import { createFileRoute } from "@tanstack/react-router";
import { UserPage } from "@/features/owners/user-page";

export const Route = createFileRoute("/users/$userId")({
  component: function UserRoute() {
    const { userId } = Route.useParams();
    return <UserPage key={userId} userId={userId} />;
  },
});
