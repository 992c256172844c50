import { createFileRoute } from "@tanstack/react-router";
import { AlertsPage } from "@/features/alerts/alerts-page";
import { readAlertsSearch } from "@/features/alerts/search";

export const Route = createFileRoute("/alerts/")({ validateSearch: readAlertsSearch, component: AlertsPage });
