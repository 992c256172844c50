import { createFileRoute } from "@tanstack/react-router";
import { ChecksPage } from "@/features/checks/checks-page";
import { readChecksSearch } from "@/features/checks/search";

export const Route = createFileRoute("/checks")({ validateSearch: readChecksSearch, component: ChecksPage });
