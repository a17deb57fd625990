import * as z from 'zod';
import { fullTime, logTicks, timeText, timeTicks } from './axis-ticks.js';
import type { Drawing } from './chart-option.js';
import { formatShort } from './format-number.js';
import { plainText } from './plain-text.js';
import { axisNumber, plotNumber } from './plot-number.js';
import { cutText, textWidth } from './text-layout.js';
import { colors, fontFamily, fontSize } from './theme.js';

/** A numeric axis. */
export interface AxisOptions {
  /** What the numbers are, with their unit: `latency (ms)`. */
  label?: string;
  /** Lower end. Default: chosen from the data. */
  min?: number;
  /** Upper end. Default: chosen from the data. */
  max?: number;
  /**
   * `log` spaces powers of ten evenly; values that are not above 0 have no place on it. `time` takes milliseconds since
   * 1970 (`Date.now()`, `date.getTime()`) and names days and hours of UTC. Default `linear`.
   */
  scale?: 'linear' | 'log' | 'time';
}

export const axisSchema = z
  .strictObject({
    label: z.string().optional(),
    min: axisNumber.optional(),
    max: axisNumber.optional(),
    scale: z.enum(['linear', 'log', 'time']).default('linear'),
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min < max, { message: 'min below max' })
  .refine(({ min, max, scale }) => scale !== 'log' || ((min ?? 1) > 0 && (max ?? 1) > 0), {
    message: 'ends above 0 of a log axis',
  })
  .default({ scale: 'linear' });

/** Width and height of a picture in pixels. */
export const sizeSchema = {
  width: z.int().min(240).max(4096).default(720),
  height: z.int().min(180).max(4096).optional(),
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

/** What a numeric axis needs to know besides its options. */
export interface ValueAxisLayout {
  /** The numbers that stand on it. */
  readonly values: Iterable<number>;
  /** Pixels from end to end. */
  readonly length: number;
  /** Keeps 0 in sight unless `min` says otherwise. Default `false`. */
  readonly fromZero?: boolean;
  /** Lines across the plot instead of a line along the axis. Default `true`. */
  readonly grid?: boolean;
  /** Room below the lowest and above the highest value, as shares of what lies between them. */
  readonly gap?: readonly [number, number];
}

/** A numeric axis. */
export function valueAxis(axis: CheckedAxis, direction: Direction, layout: ValueAxisLayout) {
  const { fromZero = false, grid = true, gap = [0, 0] } = layout;
  const { axisLabel, axisTick, ...range } = rangeOf(axis, layout.values, layout.length, direction);
  return {
    ...range,
    ...axisName(axis.label, direction),
    scale: !fromZero,
    splitNumber: 5,
    ...(axis.scale === 'linear' ? { boundaryGap: gap.map((share) => `${share * 100}%`) as [string, string] } : {}),
    axisLabel: { ...label, ...axisLabel, hideOverlap: true },
    axisLine: { show: !grid, lineStyle: { color: colors.axis } },
    axisTick: { ...axisTick, show: !grid, lineStyle: { color: colors.axis } },
    splitLine: { show: grid, lineStyle: { color: colors.grid } },
  };
}

/** Kind, ends, ticks and words of a numeric axis. */
function rangeOf(axis: CheckedAxis, values: Iterable<number>, length: number, direction: Direction) {
  const { scale, min, max } = axis;
  if (scale === 'linear') {
    return {
      type: 'value' as const,
      ...(min === undefined ? {} : { min }),
      ...(max === undefined ? {} : { max }),
      axisLabel: { formatter: formatShort },
      axisTick: {},
    };
  }
  const room = Math.max(2, Math.floor(length / (direction === 'vertical' ? 40 : scale === 'time' ? 105 : 75)));
  const ends = (scale === 'log' ? logTicks : timeTicks)({ values, min, max, room });
  return {
    // ECharts' own time axis would write times its way.
    type: scale === 'log' ? ('log' as const) : ('value' as const),
    min: ends.min,
    max: ends.max,
    // Bars rise from the lower end, since a logarithmic axis has no 0.
    ...(scale === 'log' ? { startValue: ends.min } : {}),
    ...(scale === 'time'
      ? { axisPointer: { label: { formatter: ({ value }: { value: unknown }) => fullTime(value) } } }
      : {}),
    axisLabel: {
      customValues: [...ends.ticks],
      formatter: (value: number) => (scale === 'log' ? formatShort(value) : timeText(value, ends.ticks)),
    },
    axisTick: { customValues: [...ends.ticks] },
  };
}

/** Where a value stands on an axis; `undefined` when it has no place there. */
export function onAxis(axis: CheckedAxis, value: number): number | undefined {
  return axis.scale === 'log' && value <= 0 ? undefined : plotNumber(value);
}

/** What a live plot says of its marks: their names, and numbers as short as on the axes; times in full. */
export function axisTooltip(trigger: 'item' | 'axis', ...axes: readonly CheckedAxis[]): Drawing['tooltip'] {
  const words = (value: unknown, axis: number): string => {
    if (Array.isArray(value)) return value.map(words).join(', ');
    if (typeof value !== 'number') return '–';
    return axes[axis]?.scale === 'time' ? fullTime(value) : formatShort(value);
  };
  return { trigger, valueFormatter: (value: unknown) => words(value, -1) };
}

/** Where an axis of parallel coordinates stands and what it has room for. */
export interface ParallelSlot {
  readonly dim: number;
  /** Pixels to the next axis. */
  readonly width: number;
  /** Pixels from end to end. */
  readonly length: number;
}

/** One axis of parallel coordinates: of numbers, or of `names`. */
export function parallelAxis(
  name: string,
  axis: CheckedAxis,
  names: readonly string[] | undefined,
  values: Iterable<number>,
  { dim, width, length }: ParallelSlot,
) {
  const { axisLabel, axisTick, ...range } =
    names === undefined
      ? { ...rangeOf(axis, values, length, 'vertical'), scale: true }
      : {
          type: 'category' as const,
          data: [...names],
          axisLabel: { formatter: (value: string) => value },
          axisTick: {},
        };
  const formatter = axisLabel.formatter as (value: number | string) => string;
  return {
    ...range,
    dim,
    // Above the lines, on a halo: otherwise they could not be read among many.
    z: 10,
    name: cutText(name, fontSize.label, width),
    nameTextStyle: { ...label, color: colors.title },
    nameGap: 12,
    axisLabel: {
      ...label,
      ...axisLabel,
      fontSize: 11,
      textBorderColor: colors.background,
      textBorderWidth: 3,
      formatter: (value: number | string) => cutText(formatter(value), 11, width - 12),
    },
    axisLine: { lineStyle: { color: colors.axis } },
    axisTick: { ...axisTick, lineStyle: { color: colors.axis } },
  };
}

/**
 * An axis of names, all of them shown as long as there is room for them.
 *
 * @param slot - pixels for each name
 * @param most - the most pixels for the names, beside the axis
 */
export function categoryAxis(
  axis: { readonly label?: string | undefined },
  names: readonly string[],
  direction: Direction,
  { slot, most }: { readonly slot: number; readonly most: number },
) {
  const longest = names.reduce((width, name) => Math.max(width, textWidth(plainText(name), fontSize.label)), 0);
  const tilted = direction === 'horizontal' && longest > slot;
  // Tilted names stand apart by less than the slot: from some narrowness on they must stand upright.
  const rotate = tilted ? (slot < 24 ? 90 : 40) : 0;
  // A width of our own estimate: ECharts would reserve less than what wide fonts need.
  const width = Math.min(longest, tilted || direction === 'vertical' ? most : slot);
  return {
    type: 'category' as const,
    data: names.map(plainText),
    ...axisName(axis.label, direction),
    // The first bar stands on top, as a reader expects.
    inverse: direction === 'vertical',
    axisLabel: {
      ...label,
      rotate,
      width,
      // Only with a background the width counts.
      backgroundColor: 'transparent',
      formatter: (name: string) => cutText(name, fontSize.label, width),
      ...(slot >= fontSize.label + 2 ? { interval: 0 } : { hideOverlap: true }),
    },
    axisLine: { show: true, lineStyle: { color: colors.axis } },
    axisTick: { show: false },
  };
}
