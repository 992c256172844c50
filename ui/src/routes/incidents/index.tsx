import { createFileRoute } from "@tanstack/react-router";
import { IncidentsPage } from "@/features/incidents/incidents-page";
import { readIncidentsSearch } from "@/features/incidents/search";

export const Route = createFileRoute("/incidents/")({
  validateSearch: readIncidentsSearch,
  component: IncidentsPage,
});
