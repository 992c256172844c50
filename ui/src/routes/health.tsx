import { createFileRoute } from "@tanstack/react-router";
import { HealthPage } from "@/features/health/health-page";
import { readHealthSearch } from "@/features/health/search";

export const Route = createFileRoute("/health")({ validateSearch: readHealthSearch, component: HealthPage });
