import { useCallback, useRef } from "react";

/** A function that stays the same one and always does what its latest version does; for handlers of memoised parts. */
export function useStable<Values extends unknown[]>(
  run: (...values: Values) => void,
): (...values: Values) => void {
  const latest = useRef(run);
  latest.current = run;
  return useCallback((...values: Values) => latest.current(...values), []);
}
