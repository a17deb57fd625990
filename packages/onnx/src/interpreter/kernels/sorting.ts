// Order among elements.
import { elementCount } from '@percept/core';
import { isBig } from '../element-type.js';
import { normalizeAxis, splitAt } from '../indexing.js';
import { malformed } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { asTensor, bigints, int64, numbers, pick, reshaped, scalar, strings, type TensorValue } from '../value.js';

type Element = number | bigint | string;

function elements(tensor: TensorValue): ArrayLike<Element> {
  if (tensor.type === 'string') return strings(tensor);
  return isBig(tensor.type) ? bigints(tensor) : numbers(tensor);
}

function compare(a: Element, b: Element): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The largest (or smallest) elements along an axis; of equal ones the first. Unsorted results are sorted too. */
export const TopK: Kernel = ([input, kInput], context) => {
  const tensor = asTensor(input);
  const axis = normalizeAxis(context.int('axis', -1), tensor.dims.length);
  const k = kInput === undefined ? context.int('k', 1) : scalar(asTensor(kInput, 'K'));
  const sign = context.int('largest', 1) === 1 ? -1 : 1;
  const { outer, size, inner } = splitAt(tensor.dims, axis);
  if (k > size) throw malformed(`Expected at most ${size} for k but received ${k}`);
  const values = elements(tensor);
  const dims = tensor.dims.with(axis, k);
  const sources = new Int32Array(elementCount(dims));
  for (let lane = 0; lane < outer * inner; lane++) {
    const [block, offset] = [Math.floor(lane / inner), lane % inner];
    const at = (index: number) => (block * size + index) * inner + offset;
    const order = Array.from({ length: size }, (_, index) => index).sort(
      (a, b) => sign * compare(values[at(a)]!, values[at(b)]!) || a - b,
    );
    for (let rank = 0; rank < k; rank++) sources[(block * k + rank) * inner + offset] = at(order[rank]!);
  }
  const indices = Array.from(sources, (source) => Math.floor(source / inner) % size);
  return [pick(tensor, dims, sources), int64(dims, indices)];
};

export const Unique: Kernel = ([input], context) => {
  const given = asTensor(input);
  const axisGiven = context.int('axis');
  const tensor = axisGiven === undefined ? reshaped(given, [elementCount(given.dims)]) : given;
  const axis = normalizeAxis(axisGiven ?? 0, tensor.dims.length);
  const { outer, size, inner } = splitAt(tensor.dims, axis);
  const values = elements(tensor);
  const compareSlices = (a: number, b: number): number => {
    for (let block = 0; block < outer; block++) {
      for (let at = 0; at < inner; at++) {
        const order = compare(values[(block * size + a) * inner + at]!, values[(block * size + b) * inner + at]!);
        if (order !== 0) return order;
      }
    }
    return 0;
  };
  const first: number[] = [];
  const groupOf = Array.from({ length: size }, (_, slice) => {
    const found = first.findIndex((other) => compareSlices(other, slice) === 0);
    return found >= 0 ? found : first.push(slice) - 1;
  });
  const order = [...first.keys()];
  if (context.int('sorted', 1) === 1) order.sort((a, b) => compareSlices(first[a]!, first[b]!));
  const rankOf = order.map((_, group) => order.indexOf(group));
  const inverse = groupOf.map((group) => rankOf[group]!);
  const counts = order.map((group) => groupOf.filter((other) => other === group).length);
  const sources = Array.from({ length: outer }, (_, block) =>
    order.flatMap((group) => Array.from({ length: inner }, (_, at) => (block * size + first[group]!) * inner + at)),
  ).flat();
  const count = order.length;
  return [
    pick(tensor, tensor.dims.with(axis, count), sources),
    int64(
      [count],
      order.map((group) => first[group]!),
    ),
    int64([size], inverse),
    int64([count], counts),
  ];
};
