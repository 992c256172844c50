import { createFileRoute } from "@tanstack/react-router";
import { DatasetPage } from "@/features/evaluations/datasets/dataset-page";
import { readDatasetSearch } from "@/features/evaluations/search";

export const Route = createFileRoute("/evaluations/datasets/$name")({
  validateSearch: readDatasetSearch,
  component: function DatasetRoute() {
    const { name } = Route.useParams();
    return <DatasetPage key={name} name={name} />;
  },
});
