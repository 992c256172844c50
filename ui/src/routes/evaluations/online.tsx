import { createFileRoute } from "@tanstack/react-router";
import { OnlinePage } from "@/features/evaluations/online/online-page";
import { readOnlineSearch } from "@/features/evaluations/search";

export const Route = createFileRoute("/evaluations/online")({
  validateSearch: readOnlineSearch,
  component: OnlinePage,
});
