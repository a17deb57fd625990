// Runs models in onnxruntime-node, for tests that compare what two models compute.
import { float16ToFloat32, type Tensor } from '@percept/core';
import { onnxruntimeNode } from '../backends/node.js';
import type { Model } from '../model.js';
import { writeModel } from '../write-model.js';

const runtime = onnxruntimeNode({ worker: false });

/** The outputs of a model by name. */
export async function runInOrt(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await runtime.createSession(writeModel(model), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.close();
  }
}

/** The largest difference between two tensors of numbers, relative to the largest number. NaN where their shapes differ. */
export function largestDifference(actual: Tensor, expected: Tensor): number {
  if (`${actual.dims}` !== `${expected.dims}` || actual.type !== expected.type) return Number.NaN;
  const numberAt = ({ type, data }: Tensor, at: number): number =>
    type === 'float16' ? float16ToFloat32(Number(data[at])) : Number(data[at]);
  let [difference, scale] = [0, 1];
  for (let at = 0; at < expected.data.length; at++) {
    const [a, b] = [numberAt(actual, at), numberAt(expected, at)];
    if (Object.is(a, b) || a === b) continue;
    difference = Math.max(difference, Math.abs(a - b));
    scale = Math.max(scale, Math.abs(b));
  }
  return difference / scale;
}
