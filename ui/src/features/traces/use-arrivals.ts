import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { type RowPages, withHeld, withNewest } from "@/api/trace-rows";
import { fetchNewest, type ListQuestion, tracesKeys } from "@/api/traces";
import { useLiveEvent } from "@/lib/live";

/** New rows are asked for at most this often, however many arrive. */
const ASK_MS = 5000;

/** Bring in what arrives: at once where nobody is reading, else held back until it is asked for.
 *
 * The server tells that something arrived; whether it fits the filters only asking again tells.
 */
export function useArrivals(question: ListQuestion, isFollowed: boolean, mayMove: () => boolean): void {
  const cache = useQueryClient();
  const lastAsked = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef({ question, mayMove });
  latest.current = { question, mayMove };

  const ask = useCallback(async () => {
    timer.current = undefined;
    lastAsked.current = Date.now();
    const { question: asked } = latest.current;
    const key = tracesKeys.rows(asked);
    if (!cache.getQueryData(key)) return;
    // A question that fails is asked again with the next arrival; the page says elsewhere that nobody answers.
    const fetched = await fetchNewest(asked).catch(() => null);
    if (!fetched) return;
    const isShown = latest.current.mayMove();
    cache.setQueryData<RowPages>(
      key,
      (old) => old && (isShown ? withNewest(old, fetched) : withHeld(old, fetched)),
    );
  }, [cache]);

  const schedule = useCallback(() => {
    if (timer.current !== undefined || document.hidden) return;
    const wait = Math.max(0, lastAsked.current + ASK_MS - Date.now());
    timer.current = setTimeout(() => void ask(), wait);
  }, [ask]);

  useLiveEvent("traces", () => {
    if (isFollowed) schedule();
  });
  useEffect(() => {
    const onVisible = () => isFollowed && schedule();
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      document.removeEventListener("visibilitychange", onVisible);
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [isFollowed, schedule]);
}
