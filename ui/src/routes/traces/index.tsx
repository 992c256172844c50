import { createFileRoute } from "@tanstack/react-router";
import { readTracesSearch } from "@/features/traces/search";
import { TracesPage } from "@/features/traces/traces-page";

export const Route = createFileRoute("/traces/")({ validateSearch: readTracesSearch, component: TracesPage });
