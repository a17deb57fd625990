// Every operator that the interpreter computes, by domain. A kernel is the export of a family file that has its name.
import type { Kernel } from '../kernel.js';
import * as activation from './activation.js';
import * as attention from './attention.js';
import * as cast from './cast.js';
import * as controlFlow from './control-flow.js';
import * as convolution from './convolution.js';
import * as cropping from './cropping.js';
import * as deformableConvolution from './deformable-convolution.js';
import * as detection from './detection.js';
import * as einsum from './einsum.js';
import * as fused from './fused.js';
import * as gather from './gather.js';
import * as generate from './generate.js';
import * as integerArithmetic from './integer-arithmetic.js';
import * as labelEncoder from './label-encoder.js';
import * as linearAlgebra from './linear-algebra.js';
import * as logic from './logic.js';
import * as loss from './loss.js';
import * as math from './math.js';
import * as ml from './ml.js';
import * as movement from './movement.js';
import * as normalization from './normalization.js';
import * as optimizer from './optimizer.js';
import * as pooling from './pooling.js';
import * as preview from './preview.js';
import * as quantization from './quantization.js';
import * as quantizedLayers from './quantized-layers.js';
import * as recurrent from './recurrent.js';
import * as reduction from './reduction.js';
import * as regionPooling from './region-pooling.js';
import * as resize from './resize.js';
import * as sampling from './sampling.js';
import * as sequence from './sequence.js';
import * as shape from './shape.js';
import * as signal from './signal.js';
import * as sorting from './sorting.js';
import * as strings from './strings.js';
import * as text from './text.js';

/** Kernels by domain and operator. */
export const kernels: Readonly<Record<string, Readonly<Record<string, Kernel>>>> = {
  '': {
    ...activation,
    ...attention,
    ...convolution,
    ...cropping,
    ...deformableConvolution,
    ...detection,
    ...einsum,
    ...integerArithmetic,
    ...linearAlgebra,
    ...loss,
    ...normalization,
    ...pooling,
    ...quantization,
    ...recurrent,
    ...regionPooling,
    ...resize,
    ...sampling,
    ...signal,
    ...cast,
    ...controlFlow,
    ...gather,
    ...generate,
    ...logic,
    ...math,
    ...movement,
    ...reduction,
    ...sequence,
    ...shape,
    ...sorting,
    ...strings,
    ...text,
  },
  'ai.onnx.ml': { ...labelEncoder, ...ml },
  'ai.onnx.preview': { ...preview },
  'com.microsoft': { ...fused, ...quantizedLayers },
  'ai.onnx.preview.training': { ...optimizer },
};

/** Names of the operators that the interpreter computes, sorted; those outside the standard domain as `domain.name`. */
export function supportedOperators(): string[] {
  return Object.entries(kernels)
    .flatMap(([domain, family]) => Object.keys(family).map((name) => (domain === '' ? name : `${domain}.${name}`)))
    .sort();
}
