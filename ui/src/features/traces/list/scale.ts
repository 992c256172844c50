import type { RowPages } from "@/api/trace-rows";

/** How long a bar is for a duration, between 0 and 1. */
export type Scale = (milliseconds: number) => number;

/** Times longer than the median from which lengths are drawn by their logarithm. */
const SPREAD = 25;

/** A scale up to the longest duration of the first page; logarithmic if one would make the others vanish. */
export function scaleOf(list: RowPages | undefined): Scale {
  const known = (list?.pages[0]?.rows ?? []).flatMap(({ duration_ms }) =>
    duration_ms !== null && duration_ms > 0 ? [duration_ms] : [],
  );
  if (known.length === 0) return () => 0;
  known.sort((left, right) => left - right);
  const longest = known[known.length - 1] ?? 1;
  const median = known[known.length >> 1] ?? 1;
  if (longest / median < SPREAD) return (value) => Math.min(1, value / longest);
  const lowest = Math.log10(Math.max(known[0] ?? 1, longest / 1e5)) - 0.3;
  const highest = Math.log10(longest);
  return (value) =>
    value <= 0 ? 0 : Math.max(0.02, Math.min(1, (Math.log10(value) - lowest) / (highest - lowest)));
}
