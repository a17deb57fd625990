// Operators of the domain com.microsoft, which onnxruntime defines: those that its quantizer and optimizer put into
// vision models (onnxruntime/docs/ContribOperators.md).

import { AveragePool, Conv, GlobalAveragePool } from './convolution.js';
import { broadcast } from './dimensions.js';
import { sameShape } from './elementwise.js';
import { Concat } from './layout.js';
import { Gemm, MatMul } from './linear-algebra.js';
import type { ShapeContext, ShapeRule } from './shape-rule.js';

export { DequantizeLinear, QuantizeLinear } from './quantization.js';

export const BiasGelu = sameShape;
export const FastGelu = sameShape;
export const Gelu = sameShape;
export const QuickGelu = sameShape;
export const SkipLayerNormalization = sameShape;
export const QLinearLeakyRelu = sameShape;
export const QLinearSigmoid = sameShape;
export const QLinearSoftmax = sameShape;

const quantizedBinary: ShapeRule = (context) => [{ dims: broadcast(context, [context.dims(0), context.dims(3)]) }];
export const QLinearAdd = quantizedBinary;
export const QLinearMul = quantizedBinary;

/** Seen as the float operator whose inputs are at other places. */
const placed = (context: ShapeContext, places: readonly number[]): ShapeContext => ({
  ...context,
  inputCount: places.length,
  dims: (index) => (places[index] === undefined ? undefined : context.dims(places[index])),
});

export const FusedConv: ShapeRule = Conv;
export const FusedGemm: ShapeRule = Gemm;
export const DynamicQuantizeMatMul: ShapeRule = MatMul;
export const MatMulIntegerToFloat: ShapeRule = MatMul;

/** MatMul of operands whose last two axes may be swapped; with their batch axes turned too, nothing is said. */
export const FusedMatMul: ShapeRule = (context) => {
  const isSet = (name: string): boolean => context.attributes.int(name, 0) !== 0;
  if (isSet('transBatchA') || isSet('transBatchB')) return [undefined];
  const swapped = [isSet('transA'), isSet('transB')];
  return MatMul({
    ...context,
    dims: (index) => {
      const dims = context.dims(index);
      return dims && swapped[index] && dims.length > 1 ? [...dims.slice(0, -2), dims.at(-1), dims.at(-2)] : dims;
    },
  });
};

export const MatMulNBits: ShapeRule = (context) => {
  const dims = context.dims(0);
  return [{ dims: dims && [...dims.slice(0, -1), context.attributes.int('N')] }];
};

/** `[N, S, I]` projected by `[I, queries + keys + values]`. */
export const Attention: ShapeRule = (context) => {
  const [dims, width] = [context.dims(0), context.dims(1)?.at(-1)];
  const values = context.attributes.ints('qkv_hidden_sizes', undefined)?.[2];
  const third = typeof width === 'number' ? width / 3 : undefined;
  return [{ dims: dims && [dims[0], dims[1], values ?? third] }];
};
export const QGemm: ShapeRule = (context) => [{ dims: Gemm(placed(context, [0, 3]))[0]?.dims }];

export const QLinearConcat: ShapeRule = (context) => {
  const count = Math.floor((context.inputCount - 2) / 3);
  const [output] = Concat(
    placed(
      context,
      Array.from({ length: count }, (_, index) => 2 + 3 * index),
    ),
  );
  return [{ dims: output?.dims, elementType: context.elementType(1) }];
};

const channelsFirst =
  (rule: ShapeRule): ShapeRule =>
  (context) =>
    context.attributes.int('channels_last', 0) === 0 ? rule(context) : [undefined];
export const QLinearAveragePool = channelsFirst(AveragePool);
export const QLinearGlobalAveragePool = channelsFirst(GlobalAveragePool);
