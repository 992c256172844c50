import { createFileRoute } from "@tanstack/react-router";
import { DatasetsPage } from "@/features/evaluations/datasets/datasets-page";

export const Route = createFileRoute("/evaluations/datasets/")({ component: DatasetsPage });
