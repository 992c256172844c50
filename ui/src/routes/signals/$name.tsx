import { createFileRoute } from "@tanstack/react-router";
import { readSignalSearch } from "@/features/signals/search";
import { SignalPage } from "@/features/signals/signal-page";

export const Route = createFileRoute("/signals/$name")({
  validateSearch: readSignalSearch,
  component: SignalPage,
});
