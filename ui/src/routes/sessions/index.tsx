import { createFileRoute } from "@tanstack/react-router";
import { readOwnersSearch } from "@/features/owners/search";
import { SessionsPage } from "@/features/owners/sessions-page";

export const Route = createFileRoute("/sessions/")({
  validateSearch: readOwnersSearch,
  component: SessionsPage,
});
