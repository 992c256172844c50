/** The part of a trace's time that the waterfall shows. */
export interface Viewport {
  /** Milliseconds from the start of the trace. */
  start: number;
  end: number;
}

/** Steps that read well above a second; below it 1, 2 and 5 of each power of ten. */
const LONG_STEPS_MS = [
  ...[1000, 2000, 5000, 10_000, 30_000],
  ...[60_000, 120_000, 300_000, 600_000, 1_800_000],
  ...[3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000],
];
/** A mark nearer to the end than this would lose its text. */
const END_SHARE = 0.12;

/** Round places for marks on the axis, a few of them. */
export function ticksOf({ start, end }: Viewport, wanted = 4): number[] {
  const length = end - start;
  if (!(length > 0)) return [];
  const step = stepOf(length / wanted);
  const ticks: number[] = [];
  for (let count = Math.ceil(start / step); count * step <= end - length * END_SHARE; count++)
    ticks.push(count * step);
  return ticks;
}

function stepOf(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const short = power * ([1, 2, 5].find((size) => size * power >= rough) ?? 10);
  if (short < 1000) return short;
  return LONG_STEPS_MS.find((step) => step >= rough) ?? Math.ceil(rough / 86_400_000) * 86_400_000;
}

/** Where something stands in a viewport, in percent; null if it is outside. */
export function placeOf(
  { start, end }: Viewport,
  offset: number,
  duration: number,
): { left: number; width: number } | null {
  const length = end - start || 1;
  const [from, to] = [Math.max(offset, start), Math.min(offset + duration, end)];
  if (to < from) return null;
  return { left: ((from - start) / length) * 100, width: ((to - from) / length) * 100 };
}
