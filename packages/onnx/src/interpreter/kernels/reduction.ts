// Reductions over axes, and running sums.
import { type ElementType, integerFormat, integerRange, isBig } from '../element-type.js';
import { normalizeAxis, splitAt } from '../indexing.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { reducedAxes, reduceGroups } from '../reduce.js';
import { asTensor, bigints, fromBigInts, fromNumbers, int64, numbers, scalar, type TensorValue } from '../value.js';

/** How a group of elements becomes one. */
interface Reducer {
  readonly number: (values: Float64Array, type: ElementType) => number;
  /** For 64-bit integers. */
  readonly big?: (values: readonly bigint[]) => bigint;
  /** What `noop_with_empty_axes` leaves of each element. Default: the element. */
  readonly alone?: (value: number) => number;
}

function reduction({ number, big, alone }: Reducer): Kernel {
  return ([input, axesInput], context) => {
    const tensor = asTensor(input);
    const axes = reducedAxes(tensor, axesInput, context);
    if (axes === undefined) {
      return [alone === undefined ? tensor : fromNumbers(tensor.type, tensor.dims, numbers(tensor).map(alone))];
    }
    const { dims, groups } = reduceGroups(tensor.dims, axes, context.int('keepdims', 1) === 1);
    if (isBig(tensor.type) && big !== undefined && groups.every((group) => group.length > 0)) {
      const values = bigints(tensor);
      return [
        fromBigInts(
          tensor.type,
          dims,
          groups.map((group) => big(Array.from(group, (at) => values[at]!))),
        ),
      ];
    }
    const values = numbers(tensor);
    return [
      fromNumbers(
        tensor.type,
        dims,
        groups.map((group) =>
          number(
            Float64Array.from(group, (at) => values[at]!),
            tensor.type,
          ),
        ),
      ),
    ];
  };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
const bigSum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
const max = (values: Float64Array): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

/** ln Σ e^x without overflow. */
function logSumExp(values: Float64Array): number {
  const top = max(values);
  if (!Number.isFinite(top)) return top;
  return top + Math.log(sum(values.map((value) => Math.exp(value - top))));
}

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : 1;
}

/** What an empty maximum (`sign` -1) or minimum (1) gives: the end of the type's range. */
function rangeEnd(type: ElementType, sign: 1 | -1): number {
  if (type === 'bool') return sign === 1 ? 1 : 0;
  return integerFormat(type) === undefined ? sign * Number.POSITIVE_INFINITY : integerRange(type)[sign === 1 ? 1 : 0];
}

export const ReduceSum: Kernel = reduction({ number: sum, big: bigSum });
export const ReduceMean: Kernel = reduction({ number: (values) => sum(values) / values.length });
export const ReduceProd: Kernel = reduction({
  number: (values) => values.reduce((product, value) => product * value, 1),
  big: (values) => values.reduce((product, value) => product * value, 1n),
});
export const ReduceMax: Kernel = reduction({
  number: (values, type) => values.reduce((a, b) => Math.max(a, b), rangeEnd(type, -1)),
  big: (values) => values.toSorted(ascending).at(-1)!,
});
export const ReduceMin: Kernel = reduction({
  number: (values, type) => values.reduce((a, b) => Math.min(a, b), rangeEnd(type, 1)),
  big: (values) => values.toSorted(ascending)[0]!,
});
export const ReduceL1: Kernel = reduction({ number: (values) => sum(values.map(Math.abs)), alone: Math.abs });
export const ReduceL2: Kernel = reduction({
  number: (values) => Math.sqrt(sum(values.map((value) => value * value))),
  alone: Math.abs,
});
export const ReduceSumSquare: Kernel = reduction({
  number: (values) => sum(values.map((value) => value * value)),
  big: (values) => bigSum(values.map((value) => value * value)),
  alone: (value) => value * value,
});
export const ReduceLogSum: Kernel = reduction({ number: (values) => Math.log(sum(values)), alone: Math.log });
export const ReduceLogSumExp: Kernel = reduction({ number: logSumExp });

function argument(better: (candidate: number, best: number) => boolean): Kernel {
  return ([input], context) => {
    const tensor = asTensor(input);
    const axis = normalizeAxis(context.int('axis', 0), tensor.dims.length);
    const last = context.int('select_last_index', 0) === 1;
    const { dims, groups } = reduceGroups(tensor.dims, [axis], context.int('keepdims', 1) === 1);
    const values = numbers(tensor);
    const winners = groups.map((group) => {
      let winner = 0;
      for (let at = 1; at < group.length; at++) {
        const [value, best] = [values[group[at]!]!, values[group[winner]!]!];
        if (better(value, best) || (last && value === best)) winner = at;
      }
      return winner;
    });
    return [int64(dims, winners)];
  };
}

export const ArgMax: Kernel = argument((candidate, best) => candidate > best);
export const ArgMin: Kernel = argument((candidate, best) => candidate < best);

function running(start: 0 | 1, combine: <T extends number | bigint>(a: T, b: T) => T): Kernel {
  return ([input, axisInput], context) => {
    const tensor = asTensor(input);
    const axis = normalizeAxis(scalar(asTensor(axisInput)), tensor.dims.length);
    if (isBig(tensor.type)) {
      return [
        fromBigInts(
          tensor.type,
          tensor.dims,
          accumulate(bigints(tensor), BigInt(start), tensor, axis, context, combine),
        ),
      ];
    }
    return [
      fromNumbers(
        tensor.type,
        tensor.dims,
        accumulate(Array.from(numbers(tensor)), start as number, tensor, axis, context, combine),
      ),
    ];
  };
}

function accumulate<T extends number | bigint>(
  values: readonly T[],
  start: T,
  { dims }: TensorValue,
  axis: number,
  context: KernelContext,
  combine: (a: T, b: T) => T,
): T[] {
  const { outer, size, inner } = splitAt(dims, axis);
  const exclusive = context.int('exclusive', 0) === 1;
  const reverse = context.int('reverse', 0) === 1;
  const out = new Array<T>(values.length);
  for (let lane = 0; lane < outer * inner; lane++) {
    const first = Math.floor(lane / inner) * size * inner + (lane % inner);
    let total = start;
    for (let step = 0; step < size; step++) {
      const at = first + (reverse ? size - 1 - step : step) * inner;
      const before = total;
      total = combine(total, values[at]!);
      out[at] = exclusive ? before : total;
    }
  }
  return out;
}

export const CumSum: Kernel = running(0, (a, b) => ((a as number) + (b as number)) as typeof a);
export const CumProd: Kernel = running(1, (a, b) => ((a as number) * (b as number)) as typeof a);
