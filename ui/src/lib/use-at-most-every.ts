import { useCallback, useEffect, useRef } from "react";

/** Runs at once, then at most every `interval` milliseconds; what was asked for meanwhile runs at its end. */
export function useAtMostEvery(run: () => void, interval: number): () => void {
  const latest = useRef(run);
  latest.current = run;
  const last = useRef(Number.NEGATIVE_INFINITY);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    clearTimeout(timer.current);
    const go = () => {
      last.current = Date.now();
      latest.current();
    };
    const wait = last.current + interval - Date.now();
    if (wait <= 0) go();
    else timer.current = setTimeout(go, wait);
  }, [interval]);
}
