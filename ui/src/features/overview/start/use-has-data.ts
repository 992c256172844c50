import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Scope } from "@/api/client";
import { freshnessQuery } from "@/api/freshness";
import { useFreshness, useLiveEvent } from "@/lib/live";

interface Presence {
  /** Null until the server said; when it cannot say, the page behaves as with data. */
  hasData: boolean | null;
  /** The trace that came while somebody waited for the first one. */
  firstTraceId: string | null;
}

/** Whether the project has ever received anything; turns true by itself with the first that comes. */
export function useHasData(scope: Scope): Presence {
  const client = useQueryClient();
  const asked = useQuery(freshnessQuery(scope));
  const told = useFreshness();
  const [firstTraceId, setFirst] = useState<string | null>(null);
  const wasEmpty = asked.data?.last_received_at === null;
  useLiveEvent("traces", ({ traces }) => {
    if (!wasEmpty || firstTraceId) return;
    setFirst(traces[0]?.trace_id ?? null);
    void client.invalidateQueries();
  });
  if (firstTraceId || told?.last_received_at) return { hasData: true, firstTraceId };
  if (asked.isError) return { hasData: true, firstTraceId };
  return { hasData: asked.data ? asked.data.last_received_at !== null : null, firstTraceId };
}
