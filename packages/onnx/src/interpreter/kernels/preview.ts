// Operators of the domain `ai.onnx.preview`.
import { type Heads, headsOf } from '../heads.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { softmaxRow } from '../softmax.js';
import { asTensor, fromNumbers, numbers, type TensorValue } from '../value.js';

/** Attention whose scores and probabilities graphs of the node may change. */
export const FlexAttention: Kernel = ([query, key, value], context) => {
  const input = asTensor(query);
  const [q, k, v] = [input, asTensor(key), asTensor(value)].map((tensor) => headsOf(tensor, undefined)) as [
    Heads,
    Heads,
    Heads,
  ];
  const shared = q.heads / k.heads;
  const source = (head: number) => Math.floor(head / q.heads) * k.heads + Math.floor((head % q.heads) / shared);
  const scale = context.float('scale', 1 / Math.sqrt(q.size));
  const precision = context.int('softmax_precision');
  const type =
    precision === undefined ? (input.type === 'float64' ? 'float64' : 'float32') : context.elementType(precision);
  const dims = [q.batch, q.heads, q.length, k.length];
  const scores = new Float64Array(q.batch * q.heads * q.length * k.length);
  for (let at = 0; at < scores.length; at++) {
    const row = Math.floor(at / k.length);
    const other = source(Math.floor(row / q.length)) * k.length + (at % k.length);
    let product = 0;
    for (let d = 0; d < q.size; d++) product += q.values[row * q.size + d]! * k.values[other * k.size + d]!;
    scores[at] = product * scale;
  }
  const changed = numbers(modified(fromNumbers(type, dims, scores), 'score_mod', context));
  const weights = new Float64Array(changed.length);
  for (let first = 0; first < changed.length; first += k.length) {
    softmaxRow(changed, weights, { first, step: 1, size: k.length });
  }
  const probabilities = numbers(modified(fromNumbers(type, dims, weights), 'prob_mod', context));
  const y = new Float64Array(q.batch * q.heads * q.length * v.size);
  for (let at = 0; at < probabilities.length; at++) {
    const row = Math.floor(at / k.length);
    const other = source(Math.floor(row / q.length)) * k.length + (at % k.length);
    for (let d = 0; d < v.size; d++) y[row * v.size + d]! += probabilities[at]! * v.values[other * v.size + d]!;
  }
  return [fromNumbers(input.type, [q.batch, q.heads, q.length, v.size], y)];
};

function modified(tensor: TensorValue, attribute: string, context: KernelContext): TensorValue {
  return context.has(attribute) ? asTensor(context.runSubgraph(attribute, [tensor])[0]) : tensor;
}
