import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import {
  type Freshness,
  type Listener,
  LiveConnection,
  type LiveEventName,
  type LiveStatus,
} from "@/api/live";
import { usePageState } from "./page-state";
import { useAtMostEvery } from "./use-at-most-every";

const Context = createContext<LiveConnection | null>(null);
/** Questions about numbers are asked again at most this often, however quickly windows close. */
const REFRESH_MS = 5000;

/** Keeps one connection for the page's scope, and asks again what new data changed. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { scope } = usePageState();
  const { project, environment, service } = scope;
  const connection = useMemo(() => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ project, environment, service }))
      if (value) query.set(name, value);
    return new LiveConnection(`/api/v1/live?${query}`);
  }, [project, environment, service]);
  useEffect(() => {
    if (typeof EventSource === "undefined") return;
    connection.start();
    return () => connection.stop();
  }, [connection]);
  return (
    <Context.Provider value={connection}>
      <Refresher />
      {children}
    </Context.Provider>
  );
}

/** Marks numbers as old when a window closed, alerts and incidents when something happened to them, and everything
 * when a lost connection came back.
 */
function Refresher() {
  const client = useQueryClient();
  const { isLive } = usePageState();
  const status = useLiveStatus();
  const last = useRef(0);
  const wasLost = useRef(false);
  useLiveEvent("window", () => {
    if (!isLive || Date.now() - last.current < REFRESH_MS) return;
    last.current = Date.now();
    void client.invalidateQueries({ predicate: ({ meta }) => meta?.live === true });
  });
  // What is wrong now is said however old the page's range is, and whether or not it follows new data.
  const watched = useAtMostEvery(
    () => void client.invalidateQueries({ predicate: ({ meta }) => meta?.watched === true }),
    REFRESH_MS,
  );
  useLiveEvent("alert", watched);
  useLiveEvent("incident", watched);
  useEffect(() => {
    if (status === "open" && wasLost.current) void client.invalidateQueries();
    wasLost.current = status === "lost";
  }, [status, client]);
  return null;
}

/** React to events of a name for as long as the component is shown. */
export function useLiveEvent<Name extends LiveEventName>(name: Name, listener: Listener<Name>): void {
  const connection = useContext(Context);
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(() => connection?.on(name, (event) => latest.current(event)), [connection, name]);
}

export function useLiveStatus(): LiveStatus {
  const connection = useContext(Context);
  const watch = useCallback(
    (watcher: () => void) => connection?.watch(watcher) ?? (() => undefined),
    [connection],
  );
  return useSyncExternalStore(watch, () => connection?.status ?? "connecting");
}

/** How fresh the data is, as the server last said; null until it spoke. */
export function useFreshness(): Freshness | null {
  const [freshness, setFreshness] = useState<Freshness | null>(null);
  useLiveEvent("freshness", setFreshness);
  return freshness;
}
