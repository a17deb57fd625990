import * as z from 'zod';
import { formatShort } from './format-number.js';
import { plainText } from './plain-text.js';
import { axisNumber } from './plot-number.js';
import { colors, fontFamily, fontSize } from './theme.js';

/** A numeric axis. */
export interface AxisOptions {
  /** What the numbers are, with their unit: `latency (ms)`. */
  label?: string;
  /** Lower end. Default: chosen from the data. */
  min?: number;
  /** Upper end. Default: chosen from the data. */
  max?: number;
}

export const axisSchema = z
  .strictObject({ label: z.string().optional(), min: axisNumber.optional(), max: axisNumber.optional() })
  .refine(({ min, max }) => min === undefined || max === undefined || min < max, { message: 'min below max' })
  .default({});

/** Width and height of a picture in pixels. */
export const sizeSchema = {
  width: z.int().min(240).max(4096).default(720),
  height: z.int().min(180).max(4096).default(420),
};

type CheckedAxis = z.output<typeof axisSchema>;
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
    type: 'value' as const,
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
