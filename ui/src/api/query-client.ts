import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "./problem";

const MAX_RETRIES = 2;
const SESSION_KEY = ["session"] as const;

/** The cache of everything the server said. What changes is told by server-sent events, so nothing polls. */
export function createQueryClient(): QueryClient {
  // A session that ended is found out by whatever asks next; who we are is then asked anew.
  const onError = (error: Error, query?: { queryKey: readonly unknown[] }) => {
    const isSession = query?.queryKey[0] === SESSION_KEY[0];
    if (error instanceof ApiProblem && error.status === 401 && !isSession) {
      void client.invalidateQueries({ queryKey: SESSION_KEY });
    }
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError: (error) => onError(error) }),
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
  return client;
}
