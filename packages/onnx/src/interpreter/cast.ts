import { type ElementType, integerFormat, isComplex, isFloat } from './element-type.js';
import { unsupported } from './interpreter-errors.js';
import { bigints, fromBigInts, fromNumbers, numbers, strings, type TensorValue, tensorValue } from './value.js';

/** What a cast to an 8-bit float does with values that it cannot hold. */
export interface CastRounding {
  readonly saturate: boolean;
  /** For float8e8m0 alone: `up`, `down` or `nearest`, the next power of two that is meant. */
  readonly roundMode: string;
}

/** The tensor with its elements converted, as the operator Cast has it. */
export function castTensor(tensor: TensorValue, type: ElementType, rounding?: CastRounding): TensorValue {
  if (tensor.type === type) return tensor;
  const { dims } = tensor;
  if (isComplex(type) || isComplex(tensor.type)) {
    throw unsupported(`Expected real numbers but received a cast from ${tensor.type} to ${type}`);
  }
  if (tensor.type === 'string') return fromStrings(type, dims, strings(tensor));
  if (type === 'string') return tensorValue(type, dims, toStrings(tensor));
  // Through a number, an integer that only bigints hold would lose its low bits before it is wrapped.
  const exact = integerFormat(tensor.type) !== undefined && integerFormat(type) !== undefined;
  if (exact) return fromBigInts(type, dims, bigints(tensor));
  if (type === 'float8e8m0')
    return fromNumbers(
      type,
      dims,
      numbers(tensor).map((value) => powerOfTwo(value, rounding)),
    );
  return fromNumbers(type, dims, numbers(tensor), { saturate: rounding?.saturate });
}

/** The power of two that stands for a scale. */
function powerOfTwo(
  value: number,
  { saturate, roundMode }: CastRounding = { saturate: true, roundMode: 'up' },
): number {
  if (!(value >= 0) || value === Number.POSITIVE_INFINITY)
    return value === Number.POSITIVE_INFINITY && saturate ? 2 ** 127 : Number.NaN;
  if (value === 0) return 2 ** -127;
  const exponent = floorLog2(value);
  const below = 2 ** exponent;
  const up = roundMode === 'up' ? value > below : roundMode === 'nearest' && value >= 1.5 * below;
  const power = exponent + (up ? 1 : 0);
  if (power > 127) return saturate ? 2 ** 127 : Number.NaN;
  return 2 ** Math.max(power, -127);
}

function floorLog2(value: number): number {
  const near = Math.round(Math.log2(value));
  return 2 ** near > value ? near - 1 : 2 ** (near + 1) <= value ? near + 1 : near;
}

function fromStrings(type: ElementType, dims: readonly number[], texts: readonly string[]): TensorValue {
  if (integerFormat(type) !== undefined && texts.every((text) => /^\s*[+-]?\d+\s*$/.test(text))) {
    return fromBigInts(
      type,
      dims,
      texts.map((text) => BigInt(text.trim().replace(/^\+/, ''))),
    );
  }
  return fromNumbers(type, dims, texts.map(parseNumber));
}

function parseNumber(text: string): number {
  const plain = text.trim().toLowerCase();
  const special = /^([+-]?)(inf|infinity)$/.exec(plain);
  if (special !== null) return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return plain === '' ? Number.NaN : Number(plain);
}

function toStrings(tensor: TensorValue): string[] {
  if (integerFormat(tensor.type) !== undefined) return bigints(tensor).map(String);
  if (tensor.type === 'bool') return Array.from(numbers(tensor), (value) => (value ? 'True' : 'False'));
  return Array.from(numbers(tensor), (value) => floatText(value, tensor.type));
}

/** The shortest decimal that reads back as the same element, written as Python writes it. */
function floatText(value: number, type: ElementType): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'INF' : '-INF';
  const reads = (text: string) => numbers(fromNumbers(type, [1], [Number(text)]))[0] === value;
  let digits = 1;
  while (digits < 17 && !reads(value.toPrecision(digits))) digits++;
  const shortest = Number(value.toPrecision(digits));
  const text = String(shortest);
  return isFloat(type) && /^-?\d+$/.test(text) ? `${text}.0` : text;
}
