import { createFileRoute } from "@tanstack/react-router";
import { LabelsPage } from "@/features/evaluations/labels/labels-page";
import { readLabelsSearch } from "@/features/evaluations/search";

export const Route = createFileRoute("/evaluations/labels")({
  validateSearch: readLabelsSearch,
  component: LabelsPage,
});
