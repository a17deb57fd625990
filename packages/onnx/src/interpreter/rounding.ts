import { type ElementType, integerFormat, integerRange, isBig } from './element-type.js';
import { fromNumbers, numbers } from './value.js';

/** The nearest integer, the even one when two are equally near. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** For an integer type the nearest value that it can hold; for others the value. */
export function saturated(type: ElementType, value: number): number {
  if (integerFormat(type) === undefined) return value;
  const [low, high] = isBig(type) ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : integerRange(type);
  return Math.min(Math.max(roundHalfEven(value), low), high);
}

/** Rounding of one number to a floating point type. */
export function rounder(type: ElementType): (value: number) => number {
  if (type === 'float64') return (value) => value;
  if (type === 'float32') return Math.fround;
  return (value) => numbers(fromNumbers(type, [], [value]))[0]!;
}
