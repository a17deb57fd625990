// What each kind of machine wants of a quantized model.
import type { ActivationFormat, WeightFormat } from './quantization-parameters.js';

/**
 * Where a quantized model is to run:
 * - `x64`: any x86 CPU. uint8 activations, weights of 7 bits, so that no sum of two products saturates without VNNI.
 * - `x64-vnni`: x86 CPUs with VNNI. uint8 activations, 8-bit weights.
 * - `arm64`: int8 activations, 8-bit weights.
 * - `wasm`: onnxruntime-web. uint8 activations, 8-bit weights; its kernels add in 32 bits.
 * - `tensorrt`: explicit quantization as TensorRT reads it: int8 on both sides, zero points 0, float biases; Relu and
 *   HardSwish stay nodes.
 */
export type QuantizationTarget = 'x64' | 'x64-vnni' | 'arm64' | 'wasm' | 'tensorrt';

/** How the tensors of a model are quantized. */
export interface QuantizationScheme {
  readonly activations: ActivationFormat;
  readonly weights: WeightFormat;
  /** Whether biases become int32 in units of input scale × weight scale, or stay float. */
  readonly integerBias: boolean;
}

const asymmetric = (type: ActivationFormat['type']): ActivationFormat => ({ type, symmetric: false });
const weights = (bits: WeightFormat['bits']): WeightFormat => ({ bits, perChannel: true });

/** The scheme of each target. */
export const targetSchemes: Readonly<Record<QuantizationTarget, QuantizationScheme>> = {
  x64: { activations: asymmetric('uint8'), weights: weights(7), integerBias: true },
  'x64-vnni': { activations: asymmetric('uint8'), weights: weights(8), integerBias: true },
  arm64: { activations: asymmetric('int8'), weights: weights(8), integerBias: true },
  wasm: { activations: asymmetric('uint8'), weights: weights(8), integerBias: true },
  tensorrt: { activations: { type: 'int8', symmetric: true }, weights: weights(8), integerBias: false },
};

/** Names of the targets. */
export const quantizationTargets = Object.keys(targetSchemes) as QuantizationTarget[];
