import { createFileRoute } from "@tanstack/react-router";
import { readSignalsSearch } from "@/features/signals/search";
import { SignalsPage } from "@/features/signals/signals-page";

export const Route = createFileRoute("/signals/")({
  validateSearch: readSignalsSearch,
  component: SignalsPage,
});
