import * as z from 'zod';

/** Any number, also NaN and infinities, which zod refuses by default and which JSON turns into `null`. */
export const anyNumber = z.union([
  z.number(),
  z.nan(),
  z.literal(Infinity),
  z.literal(-Infinity),
  z.null().transform(() => Number.NaN),
]);

/** A number that has a place on an axis. */
export const axisNumber = z.number().min(-1e100).max(1e100).transform(resolvable);

/** The number to draw; `undefined` for what has no place on an axis: NaN, infinities, and anything beyond ±1e100. */
export function plotNumber(value: number): number | undefined {
  return Math.abs(value) <= 1e100 ? resolvable(value) : undefined;
}

// ECharts writes ticks with at most 20 decimals and fails on ranges that need more.
function resolvable(value: number): number {
  return Math.abs(value) < 1 ? Math.round(value * 1e16) / 1e16 : value;
}
