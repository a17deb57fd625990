// How a function of numbers becomes a kernel that works element by element, with broadcasting as in NumPy.
//
// 64-bit integers are computed as bigints, so that nothing is lost beyond 2^53; so are 32-bit ones where a product may
// need more than 53 bits. Everything else is computed in double and rounded to the element type once.
import { type ElementType, isBig } from './element-type.js';
import { broadcastPositions, broadcastShape } from './indexing.js';
import { unsupported } from './interpreter-errors.js';
import type { Kernel, KernelContext } from './kernel.js';
import {
  asTensor,
  bigints,
  bools,
  fromBigInts,
  fromNumbers,
  numbers,
  reshaped,
  strings,
  type TensorValue,
} from './value.js';

/** A kernel of one input: the function of every element, rounded to the element type of the input. */
export function mapNumbers(compute: (value: number) => number, exact?: (value: bigint) => bigint): Kernel {
  return ([input]) => {
    const tensor = asTensor(input);
    const { type, dims } = tensor;
    if (exact !== undefined && isBig(type)) return [fromBigInts(type, dims, bigints(tensor).map(exact))];
    return [fromNumbers(type, dims, numbers(tensor).map(compute))];
  };
}

/** A kernel of one input that answers with a truth value per element. */
export function testNumbers(test: (value: number, context: KernelContext) => boolean): Kernel {
  return ([input], context) => {
    const tensor = asTensor(input);
    return [
      bools(
        tensor.dims,
        Array.from(numbers(tensor), (value) => test(value, context)),
      ),
    ];
  };
}

/** What a function of two elements is, in numbers and exactly. */
export interface BinaryFunction {
  readonly number: (a: number, b: number) => number;
  /** For 64-bit integers, and for 32-bit ones with `exact32`. */
  readonly big?: (a: bigint, b: bigint) => bigint;
  /** Whether 32-bit integers need bigints too, as a product does. */
  readonly exact32?: boolean;
  /** For integers of up to 32 bits instead of `number`. */
  readonly integer?: (a: number, b: number) => number;
}

/** The larger of two, NaN when one of them is. */
export const maximum: BinaryFunction = { number: Math.max, big: (a, b) => larger(a, b) };
/** The smaller of two, NaN when one of them is. */
export const minimum: BinaryFunction = { number: Math.min, big: (a, b) => (larger(a, b) === a ? b : a) };

function larger(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

/** Computes two tensors element by element, broadcast; the result has the element type of the first. */
export function zip(a: TensorValue, b: TensorValue, compute: BinaryFunction): TensorValue {
  const { dims, left, right } = pairs(a, b);
  const integral = isIntegral(a.type) && isIntegral(b.type);
  if (integral && compute.big !== undefined && (isBig(a.type) || (compute.exact32 && is32(a.type)))) {
    const [first, second] = [bigints(a), bigints(b)];
    const out = Array.from(left, (from, at) => compute.big!(first[from]!, second[right[at]!]!));
    return fromBigInts(a.type, dims, out);
  }
  const number = integral && compute.integer !== undefined ? compute.integer : compute.number;
  const [first, second] = [numbers(a), numbers(b)];
  const out = new Float64Array(left.length);
  for (let at = 0; at < out.length; at++) out[at] = number(first[left[at]!]!, second[right[at]!]!);
  return fromNumbers(a.type, dims, out);
}

/** A kernel of two inputs, see {@link zip}. */
export function zipNumbers(compute: BinaryFunction | BinaryFunction['number']): Kernel {
  const chosen = typeof compute === 'function' ? { number: compute } : compute;
  return ([first, second], context) => [zip(asTensor(first), legacyAligned(asTensor(second), first, context), chosen)];
}

/** A kernel of two inputs that answers with a truth value per pair. Elements are numbers, bigints or strings. */
export function compareElements(test: (a: number | bigint | string, b: number | bigint | string) => boolean): Kernel {
  return ([first, second], context) => {
    const a = asTensor(first);
    const b = legacyAligned(asTensor(second), first, context);
    const { dims, left, right } = pairs(a, b);
    const [from, to] = [comparable(a), comparable(b)];
    return [
      bools(
        dims,
        Array.from(left, (position, at) => test(from[position]!, to[right[at]!]!)),
      ),
    ];
  };
}

/** A kernel of any number of inputs: the function of two, from the first to the last. */
export function foldNumbers(compute: BinaryFunction): Kernel {
  return (inputs) => [inputs.map((input) => asTensor(input)).reduce((a, b) => zip(a, b, compute))];
}

function pairs(a: TensorValue, b: TensorValue) {
  const dims = broadcastShape(a.dims, b.dims);
  return { dims, left: broadcastPositions(a.dims, dims), right: broadcastPositions(b.dims, dims) };
}

function comparable(tensor: TensorValue): ArrayLike<number> | readonly bigint[] | readonly string[] {
  if (tensor.type === 'string') return strings(tensor);
  return isBig(tensor.type) ? bigints(tensor) : numbers(tensor);
}

/** Before version 7, `axis` said where the second input begins within the first. */
function legacyAligned(b: TensorValue, first: Parameters<Kernel>[0][number], context: KernelContext): TensorValue {
  if (context.opset >= 7 || context.domain !== '' || !context.has('axis')) return b;
  const trailing = asTensor(first).dims.length - context.int('axis', 0) - b.dims.length;
  if (trailing < 0)
    throw unsupported(`Expected an axis that leaves room for the second input but received ${context.int('axis')}`);
  return reshaped(b, [...b.dims, ...new Array<number>(trailing).fill(1)]);
}

function isIntegral(type: ElementType): boolean {
  return type === 'bool' || /^u?int/.test(type);
}

function is32(type: ElementType): boolean {
  return type === 'int32' || type === 'uint32';
}
