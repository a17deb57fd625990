// How a function of numbers becomes a kernel that works element by element.
import { broadcastPositions, broadcastShape } from './indexing.js';
import type { Kernel } from './kernel.js';
import { asTensor, fromNumbers, numbers } from './value.js';

/** A kernel of one input: the function of every element, rounded to the element type of the input. */
export function mapNumbers(compute: (value: number) => number): Kernel {
  return ([input]) => {
    const tensor = asTensor(input);
    return [fromNumbers(tensor.type, tensor.dims, numbers(tensor).map(compute))];
  };
}

/** A kernel of two inputs that are broadcast: the function of every pair, rounded to the element type of the first. */
export function zipNumbers(compute: (a: number, b: number) => number): Kernel {
  return ([first, second]) => {
    const [a, b] = [asTensor(first), asTensor(second)];
    const dims = broadcastShape(a.dims, b.dims);
    const [left, right] = [numbers(a), numbers(b)];
    const fromLeft = broadcastPositions(a.dims, dims);
    const fromRight = broadcastPositions(b.dims, dims);
    const out = new Float64Array(fromLeft.length);
    for (let at = 0; at < out.length; at++) out[at] = compute(left[fromLeft[at]!]!, right[fromRight[at]!]!);
    return [fromNumbers(a.type, dims, out)];
  };
}
