import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { startTexts, switchLanguage } from "@/i18n";
import type { Language } from "@/i18n/languages";
import { readPageSearch } from "@/lib/page-state";

interface RenderOptions {
  /** Address the component believes to be at. */
  path?: string;
  language?: Language;
}

/** Show a component with everything a page gives it: texts, theme, query cache and a router of its own. */
export async function renderPiece(piece: ReactNode, { path = "/", language = "en" }: RenderOptions = {}) {
  await startTexts(language);
  await switchLanguage(language);
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const root = createRootRoute({ validateSearch: (raw) => ({ ...raw, ...readPageSearch(raw) }) });
  const everywhere = createRoute({ getParentRoute: () => root, path: "$", component: () => piece });
  const router = createRouter({
    routeTree: root.addChildren([everywhere]),
    history: createMemoryHistory({ initialEntries: [path] }),
  });
  await router.load();
  const shown = render(
    <QueryClientProvider client={queryClient}>
      <MantineProvider env="test">
        <RouterProvider router={router as never} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return { ...shown, router, queryClient };
}
