import * as z from 'zod';
import type { Drawing } from './chart-option.js';
import { formatShort } from './format-number.js';
import { plainText } from './plain-text.js';
import { axisNumber, plotNumber } from './plot-number.js';
import { cutText } from './text-layout.js';
import { colors, fontFamily, fontSize } from './theme.js';

/** A numeric axis. */
export interface AxisOptions {
  /** What the numbers are, with their unit: `latency (ms)`. */
  label?: string;
  /** Lower end. Default: chosen from the data. */
  min?: number;
  /** Upper end. Default: chosen from the data. */
  max?: number;
  /** `log` spaces powers of ten evenly; values that are not above 0 have no place on it. Default `linear`. */
  scale?: 'linear' | 'log';
}

export const axisSchema = z
  .strictObject({
    label: z.string().optional(),
    min: axisNumber.optional(),
    max: axisNumber.optional(),
    scale: z.enum(['linear', 'log']).default('linear'),
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min < max, { message: 'min below max' })
  .refine(({ min, max, scale }) => scale === 'linear' || ((min ?? 1) > 0 && (max ?? 1) > 0), {
    message: 'ends above 0 of a log axis',
  })
  .default({ scale: 'linear' });

/** Width and height of a picture in pixels. */
export const sizeSchema = {
  width: z.int().min(240).max(4096).default(720),
  height: z.int().min(180).max(4096).default(420),
};

/** A numeric axis whose options were checked. */
export type CheckedAxis = z.output<typeof axisSchema>;

type Direction = 'horizontal' | 'vertical';

const label = { fontFamily, fontSize: fontSize.label, color: colors.text };

function axisName(name: string | undefined, direction: Direction) {
  return {
    name: plainText(name ?? ''),
    nameLocation: 'middle' as const,
    nameGap: direction === 'horizontal' ? 14 : 26,
    nameTextStyle: { ...label, color: colors.title },
  };
}

/** A numeric axis; `fromZero` keeps 0 in sight unless `min` says otherwise. */
export function valueAxis(axis: CheckedAxis, direction: Direction, { fromZero = false, grid = true } = {}) {
  return {
    type: axis.scale === 'log' ? ('log' as const) : ('value' as const),
    ...axisName(axis.label, direction),
    ...(axis.min === undefined ? {} : { min: axis.min }),
    ...(axis.max === undefined ? {} : { max: axis.max }),
    scale: !fromZero,
    splitNumber: 5,
    axisLabel: { ...label, formatter: (value: number) => formatShort(value), hideOverlap: true },
    axisLine: { show: !grid, lineStyle: { color: colors.axis } },
    axisTick: { show: !grid, lineStyle: { color: colors.axis } },
    splitLine: { show: grid, lineStyle: { color: colors.grid } },
  };
}

/** Where a value stands on an axis; `undefined` when it has no place there. */
export function onAxis(axis: CheckedAxis, value: number): number | undefined {
  return axis.scale === 'log' && value <= 0 ? undefined : plotNumber(value);
}

/** What a live plot says of its marks: their names, and numbers as short as on the axes. */
export function axisTooltip(trigger: 'item' | 'axis'): Drawing['tooltip'] {
  const numbers = (value: unknown): string =>
    Array.isArray(value) ? value.map(numbers).join(', ') : typeof value === 'number' ? formatShort(value) : '–';
  return { trigger, valueFormatter: numbers };
}

/** One axis of parallel coordinates: of numbers, or of `names`. */
export function parallelAxis(
  dim: number,
  name: string,
  axis: CheckedAxis,
  names: readonly string[] | undefined,
  slot: number,
) {
  return {
    dim,
    // Above the lines, on a halo: otherwise they could not be read among many.
    z: 10,
    name: cutText(name, fontSize.label, slot),
    nameTextStyle: { ...label, color: colors.title },
    nameGap: 12,
    ...(names === undefined
      ? {
          type: axis.scale === 'log' ? ('log' as const) : ('value' as const),
          scale: true,
          ...(axis.min === undefined ? {} : { min: axis.min }),
          ...(axis.max === undefined ? {} : { max: axis.max }),
        }
      : { type: 'category' as const, data: [...names] }),
    axisLabel: {
      ...label,
      fontSize: 11,
      textBorderColor: colors.background,
      textBorderWidth: 3,
      formatter: (value: number | string) =>
        cutText(typeof value === 'number' ? formatShort(value) : value, 11, slot - 12),
    },
    axisLine: { lineStyle: { color: colors.axis } },
    axisTick: { lineStyle: { color: colors.axis } },
  };
}

/** An axis of names, all of them shown as long as there are no more than `crowd`. */
export function categoryAxis(
  axis: { readonly label?: string | undefined },
  names: readonly string[],
  direction: Direction,
  options: { readonly rotate: number; readonly labelWidth: number; readonly crowd: number },
) {
  return {
    type: 'category' as const,
    data: names.map(plainText),
    ...axisName(axis.label, direction),
    // The first bar stands on top, as a reader expects.
    inverse: direction === 'vertical',
    axisLabel: {
      ...label,
      rotate: options.rotate,
      width: options.labelWidth,
      overflow: 'truncate' as const,
      ...(names.length <= options.crowd ? { interval: 0 } : { hideOverlap: true }),
    },
    axisLine: { show: true, lineStyle: { color: colors.axis } },
    axisTick: { show: false },
  };
}
