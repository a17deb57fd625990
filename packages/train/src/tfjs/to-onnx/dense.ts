import { elementCount } from '@percept/core';
import { activated } from './activations.js';
import type { LayerConverter } from './conversion.js';
import { channelsLast, type LayerValue } from './layer-value.js';
import type { WeightLayout } from './weight-layout.js';

/**
 * On vectors a Gemm, on images whose channels are last a 1×1 Conv, on anything else a MatMul over the last axis. Behind a
 * flattened image the rows of the kernel are put in ONNX's order, unless the layer is used more than once.
 */
export const Dense: LayerConverter = (to, call) => {
  const { layer, outputShape } = call;
  const [from, units] = to.weightOf(layer, 'kernel')!.shape as [number, number];
  const shared = layer.inboundNodes.length > 1;
  const x = shared ? to.inLayerOrder(call.inputs[0]!) : call.inputs[0]!;
  const bias = (): string | undefined => to.parameter(layer, 'bias');
  const done = (name: string): LayerValue => activated(to, call, { name, shape: outputShape });

  if (x.shape.length === 2) {
    const kernel = to.parameter(layer, 'kernel', gemmLayout(x, from, units));
    return done(to.node('Gemm', [x.name, kernel, bias()], { transB: 1 }));
  }
  if (x.shape.length === 4 && to.axes === channelsLast) {
    const layout = { view: [from, units], perm: [1, 0], dims: [units, from, 1, 1] };
    return done(to.node('Conv', [x.name, to.parameter(layer, 'kernel', layout), bias()], { kernel_shape: [1, 1] }));
  }
  const product = to.node('MatMul', [x.name, to.parameter(layer, 'kernel')]);
  const offset = bias();
  return done(offset === undefined ? product : to.node('Add', [product, offset]));
};

/** `[in, out]` to `[out, in]`. */
function gemmLayout({ flattened }: LayerValue, from: number, units: number): WeightLayout {
  if (flattened === undefined) return { view: [from, units], perm: [1, 0], dims: [units, from] };
  return { view: [...flattened, units], perm: [3, 2, 0, 1], dims: [units, elementCount(flattened)] };
}
