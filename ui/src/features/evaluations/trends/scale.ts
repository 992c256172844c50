/** The scale that values of several runs are drawn on. */

export interface Scale {
  from: number;
  to: number;
  /** From the lowest to the highest, on round numbers. */
  ticks: number[];
}

const ROUND = [1, 2, 2.5, 5, 10] as const;
const STEPS = 4;

interface ScaleOptions {
  /** Bars grow from 0. */
  hasZero?: boolean;
  /** The values are shares: nothing lies outside 0 and 1. */
  isRatio?: boolean;
}

export function scaleOfValues(values: readonly (number | null)[], options: ScaleOptions = {}): Scale {
  const { hasZero = false, isRatio = false } = options;
  const known = values.filter((value) => value !== null);
  const [lowest, highest] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 1];
  const low = hasZero ? Math.min(0, lowest) : lowest;
  const step = roundStep((highest - low || Math.abs(highest) || 1) / STEPS);
  const from = Math.floor(low / step + 1e-9) * step;
  const to = Math.max(Math.ceil(highest / step - 1e-9) * step, from + step);
  const start = round(isRatio ? Math.max(0, from) : from);
  const end = round(isRatio ? Math.min(1, to) : to);
  const count = Math.round((end - start) / step);
  return {
    from: start,
    to: end,
    ticks: Array.from({ length: count + 1 }, (_, at) => round(start + at * step)).filter(
      (tick) => tick <= end + step / 1e6,
    ),
  };
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return (ROUND.find((one) => one * power >= rough - 1e-12) ?? 10) * power;
}

/** Without what binary fractions leave behind the digits that count. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}

/** How far up a value is, 0 to 1. */
export function shareOf(value: number, { from, to }: Scale): number {
  return Math.max(0, Math.min(1, (value - from) / (to - from || 1)));
}
