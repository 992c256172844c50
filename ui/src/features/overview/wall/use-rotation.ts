import { useEffect, useState } from "react";
import { parseLength } from "@/lib/time-range";

const SHORTEST_SECONDS = 5;

/** Which of several things is shown now, each for a while in its turn.
 *
 * @param first The one to begin with.
 * @param every How long each stays, such as `30s`; undefined: the first stays.
 */
export function useRotation(count: number, first: number, every: string | undefined): number {
  const [turn, setTurn] = useState(0);
  const seconds = every ? Math.max(SHORTEST_SECONDS, parseLength(every) ?? SHORTEST_SECONDS) : null;
  useEffect(() => {
    if (seconds === null || count < 2) return;
    const timer = setInterval(() => setTurn((known) => known + 1), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds, count]);
  return count === 0 ? 0 : (Math.max(first, 0) + turn) % count;
}
