import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problem";

const MAX_RETRIES = 2;

/** The cache of everything the server said. What changes is told by server-sent events, so nothing polls. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) =>
          error instanceof ApiProblem && error.isTemporary && failures < MAX_RETRIES,
        retryDelay: (attempt) => Math.min(1000 * 2 ** attempt, 8000),
        // Loopback servers answer without the internet; the browser's idea of "offline" must not stop questions.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
