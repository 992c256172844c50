import { createFileRoute } from "@tanstack/react-router";
import { OverviewPage } from "@/features/overview/overview-page";
import { readOverviewSearch } from "@/features/overview/search";

export const Route = createFileRoute("/")({ validateSearch: readOverviewSearch, component: OverviewPage });
