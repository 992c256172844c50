/** The part of a trace's time that the waterfall shows. */
export interface Viewport {
  /** Milliseconds from the start of the trace. */
  start: number;
  end: number;
}

const STEPS = [1, 2, 5] as const;

/** Round places for marks on the axis, a few of them. */
export function ticksOf({ start, end }: Viewport, wanted = 5): number[] {
  const length = end - start;
  if (!(length > 0)) return [];
  const rough = length / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (STEPS.find((size) => size * power >= rough) ?? 10);
  const ticks: number[] = [];
  for (let tick = Math.ceil(start / step) * step; tick <= end - length * 0.04; tick += step) ticks.push(tick);
  return ticks;
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
