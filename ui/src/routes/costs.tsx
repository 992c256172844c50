import { createFileRoute } from "@tanstack/react-router";
import { CostsPage } from "@/features/costs/costs-page";
import { readCostsSearch } from "@/features/costs/search";

export const Route = createFileRoute("/costs")({ validateSearch: readCostsSearch, component: CostsPage });
