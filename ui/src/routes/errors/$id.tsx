import { createFileRoute } from "@tanstack/react-router";
import { ErrorPage } from "@/features/errors/error-page";

export const Route = createFileRoute("/errors/$id")({
  component: function ErrorRoute() {
    const { id } = Route.useParams();
    return <ErrorPage key={id} id={id} />;
  },
});
