import { createFileRoute } from "@tanstack/react-router";
import { ErrorsPage } from "@/features/errors/errors-page";
import { readErrorsSearch } from "@/features/errors/search";

export const Route = createFileRoute("/errors/")({ validateSearch: readErrorsSearch, component: ErrorsPage });
