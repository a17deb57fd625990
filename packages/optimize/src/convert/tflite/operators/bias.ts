import { type Tensor, tensor } from '@percept/core';
import { roundHalfToEven } from '../../../quantize/quantization-parameters.js';
import type { NodeScope } from '../node-scope.js';

const largestInt32 = 2 ** 31 - 1;

/**
 * The bias of a layer (input 2 of its node, zeros where it has none), one number per output channel. On integers it is
 * int32 in units of input scale · weight scale: the model's own where it has these units, otherwise rounded to them.
 */
export function biasTensor(scope: NodeScope, channels: number, input: number, weight: number): number {
  const operand = scope.constant(2);
  if (operand === undefined && scope.has(2))
    scope.refuse('a bias that is computed', 'TFLite wants it constant; fold it when exporting');
  return storeBias(scope, operand?.stored, operand?.constant, { channels, input, weight });
}

/** As {@link biasTensor}, of a bias that is given in float. */
export function storeBias(
  scope: NodeScope,
  stored:
    | {
        readonly values: Tensor;
        readonly quantization: { readonly scales: readonly number[]; readonly zeroPoints: readonly number[] };
      }
    | undefined,
  float: Tensor | undefined,
  { channels, input, weight }: { channels: number; input: number; weight: number },
): number {
  const name = `${scope.node.name || scope.node.outputs[0]!}_bias`;
  if (!scope.isQuantized) {
    const values = new Float32Array(channels);
    if (float !== undefined) values.set(broadcast(float.data as Float32Array, channels));
    const made = tensor('float32', [channels], values);
    scope.checkFinite(made);
    return scope.addConstant(made, name);
  }
  const inputScale = scope.quantizationOf(input)!.scales[0]!;
  const units = scope.quantizationOf(weight)!.scales.map((scale) => Math.fround(inputScale * scale));
  const unit = (channel: number) => units[units.length === 1 ? 0 : channel]!;
  const values = Int32Array.from({ length: channels }, (_, channel) => {
    if (float === undefined) return 0;
    const own = stored?.values.type === 'int32' ? stored : undefined;
    const at = float.data.length === 1 ? 0 : channel;
    const scale = own?.quantization.scales[own.quantization.scales.length === 1 ? 0 : at];
    // The model's unit may differ in the last bit, for it was computed in another precision.
    if (own !== undefined && Math.abs(scale! / unit(channel) - 1) < 1e-5) return Number(own.values.data[at]);
    const real = own === undefined ? Number(float.data[at]) : Number(own.values.data[at]) * scale!;
    return Math.max(-largestInt32, Math.min(largestInt32, roundHalfToEven(real / unit(channel))));
  });
  return scope.addConstant(tensor('int32', [channels], values), name, {
    scales: units,
    zeroPoints: units.map(() => 0),
    axis: 0,
  });
}

function broadcast(values: Float32Array, channels: number): Float32Array {
  return values.length === channels ? values : new Float32Array(channels).fill(values[0]!);
}
