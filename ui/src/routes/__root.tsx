import { createRootRouteWithContext } from "@tanstack/react-router";
import type { RouterContext } from "@/app/router";
import { NotFoundPage } from "@/features/shell/not-found-page";
import { Shell } from "@/features/shell/shell";
import { readPageSearch } from "@/lib/page-state";

export const Route = createRootRouteWithContext<RouterContext>()({
  validateSearch: readPageSearch,
  component: Shell,
  notFoundComponent: NotFoundPage,
});
