import { float32ToFloat16, tensor } from '@percept/core';
import { littleEndianBytes } from './constant-data.js';
import type { TfliteGraph, TfliteOperator } from './graph.js';

/** Constants with fewer elements are settings of operators rather than weights. */
const smallestWeight = 2;
const largestHalf = 65_504;

/**
 * Stores float32 weights as float16, each with a DEQUANTIZE behind it, which runtimes compute once when they load the
 * file, or leave out where they compute in float16. Weights with numbers that float16 does not hold stay.
 */
export function halveWeights(graph: TfliteGraph): void {
  const operators: TfliteOperator[] = [];
  for (const [index, float] of [...graph.tensors.entries()]) {
    if (float.data === undefined || float.type !== 'float32' || graph.outputs.includes(index)) continue;
    const values = new Float32Array(float.data.buffer, float.data.byteOffset, float.data.byteLength / 4);
    if (values.length < smallestWeight || values.some((value) => Math.abs(value) > largestHalf)) continue;
    const halves = Uint16Array.from(values, float32ToFloat16);
    const data = littleEndianBytes(tensor('float16', [halves.length], halves));
    graph.tensors.push({ ...float, name: `${float.name}_float16`, type: 'float16', data });
    float.data = undefined;
    const options = { table: 'DequantizeOptions', values: {} } as const;
    operators.push({ operator: 'DEQUANTIZE', inputs: [graph.tensors.length - 1], outputs: [index], options });
  }
  graph.operators = [...operators, ...graph.operators];
}
