// The gradient of a 2-D convolution as forward operators that onnxruntime is fast at: dX as a convolution with the
// flipped kernel or a transposed one, dW as matrix products over patches of X. Which lowering of dW is used
// depends on the shapes alone, so the same model gives the same bits on every run.
import type { Node } from '@percept/onnx';
import { attributes } from '@percept/onnx/graph';
import { type SlidingWindow, slidingWindow } from '../sliding-window.js';
import type { StepBuilder } from '../step-builder.js';
import { unsupported } from '../unsupported.js';
import type { Gradient } from './gradient.js';

interface ConvShape extends SlidingWindow {
  readonly batch: number;
  /** Input channels. */
  readonly channels: number;
  /** Output channels. */
  readonly filters: number;
  readonly groups: number;
  readonly inputSize: readonly [number, number];
}

/** Gradients of Conv with respect to X, W and B: any strides, pads, dilations and groups. */
export const Conv: Gradient = ({ g, node, inputs, inputDims, dY, needed }) => {
  const [x, w] = inputs as [string, string];
  const [xDims, wDims] = inputDims as [readonly number[], readonly number[]];
  const shape: ConvShape = {
    ...slidingWindow(node, xDims, wDims.slice(2)),
    batch: xDims[0]!,
    channels: xDims[1]!,
    filters: wDims[0]!,
    groups: attributes(node).int('group', 1),
    inputSize: [xDims[2]!, xDims[3]!],
  };
  return [
    needed[0] ? inputGradient(g, shape, w, dY) : undefined,
    needed[1] ? weightGradient(g, shape, x, dY) : undefined,
    needed[2] ? g.reduceSum(dY, [0, 2, 3]) : undefined,
  ];
};

/**
 * Gradients of ConvTranspose with respect to X, W and B. It is the gradient of a convolution, so its own are that
 * convolution, and the convolution's gradient of W with the two sides exchanged.
 */
export const ConvTranspose: Gradient = ({ g, node, inputs, inputDims, outputDims, dY, needed }) => {
  const [x, w] = inputs as [string, string];
  const [xDims, wDims] = inputDims as [readonly number[], readonly number[]];
  if (xDims.length !== 4) throw unsupported(node, 'an input [N, C, H, W]', `one of ${xDims.length} dimensions`);
  const pair = (name: string): [number, number] => attributes(node).ints(name, [1, 1]).slice(0, 2) as [number, number];
  const [strides, dilations] = [pair('strides'), pair('dilations')];
  const kernel = wDims.slice(2) as [number, number];
  const groups = attributes(node).int('group', 1);
  const [before, after] = transposedPads(node, xDims.slice(2), outputDims.slice(2), strides, dilations, kernel);
  const shape: ConvShape = {
    ...{ kernel, strides, dilations, before, after, groups },
    batch: xDims[0]!,
    channels: outputDims[1]!,
    filters: xDims[1]!,
    output: [xDims[2]!, xDims[3]!],
    inputSize: [outputDims[2]!, outputDims[3]!],
  };
  const pads = [...before, ...after];
  return [
    needed[0] ? g.node('Conv', [dY, w], { strides, dilations, group: groups, pads }) : undefined,
    needed[1] ? weightGradient(g, shape, dY, x) : undefined,
    needed[2] ? g.reduceSum(dY, [0, 2, 3]) : undefined,
  ];
};

/** What a transposed convolution cuts off in front and behind, from `pads`, `auto_pad` or `output_shape`. */
function transposedPads(
  node: Node,
  size: readonly number[],
  outputSize: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  kernel: readonly number[],
): [[number, number], [number, number]] {
  const pads = attributes(node).ints('pads', [0, 0, 0, 0]);
  const auto = attributes(node).string('auto_pad', 'NOTSET');
  if (node.attributes.output_shape === undefined && (auto === 'NOTSET' || auto === 'VALID')) {
    const [top = 0, left = 0, bottom = 0, right = 0] = auto === 'VALID' ? [] : pads;
    return [
      [top, left],
      [bottom, right],
    ];
  }
  const added = attributes(node).ints('output_padding', [0, 0]);
  const total = [0, 1].map((axis) => {
    const whole = strides[axis]! * (size[axis]! - 1) + added[axis]! + dilations[axis]! * (kernel[axis]! - 1) + 1;
    return whole - outputSize[axis]!;
  });
  if (total.some((cut) => cut < 0)) throw unsupported(node, 'an output_shape within reach', outputSize.join('x'));
  const small = total.map((cut) => Math.floor(cut / 2)) as [number, number];
  const large = total.map((cut) => Math.ceil(cut / 2)) as [number, number];
  return auto === 'SAME_UPPER' ? [small, large] : [large, small];
}

function inputGradient(g: StepBuilder, shape: ConvShape, w: string, dY: string): string {
  const { strides, dilations, kernel, before, after, groups, channels, filters } = shape;
  const reach = [0, 1].map((axis) => dilations[axis]! * (kernel[axis]! - 1));
  const stride1 = strides.every((stride) => stride === 1);
  // With more filters than channels the transposed convolution is the faster of the two (up to 1.2 times), except by group.
  const flip = stride1 && (groups > 1 || filters <= channels);
  if (flip && reach.every((size, axis) => before[axis]! <= size && after[axis]! <= size)) {
    const pads = [
      ...reach.map((size, axis) => size - before[axis]!),
      ...reach.map((size, axis) => size - after[axis]!),
    ];
    return g.node('Conv', [dY, flippedKernel(g, shape, w)], { dilations, group: groups, pads });
  }
  // Rows and columns behind the last window got no gradient: output_padding brings them back as zeros.
  const { inputSize, output } = shape;
  const reached = [0, 1].map(
    (axis) => (output[axis]! - 1) * strides[axis]! + reach[axis]! + 1 - before[axis]! - after[axis]!,
  );
  return g.node('ConvTranspose', [dY, w], {
    strides,
    dilations,
    group: groups,
    pads: [...before, ...after],
    output_padding: reached.map((size, axis) => inputSize[axis]! - size),
  });
}

/** W `[O, C/G, kh, kw]` as the weights of the convolution backwards: `[C, O/G, kh, kw]`, both kernel axes reversed. */
function flippedKernel(g: StepBuilder, { channels, filters, groups, kernel }: ConvShape, w: string): string {
  const last = -Number.MAX_SAFE_INTEGER;
  const flipped =
    kernel[0] * kernel[1] === 1
      ? w
      : g.slice(w, { starts: [-1, -1], ends: [last, last], axes: [2, 3], steps: [-1, -1] });
  if (groups === 1) return g.transpose(flipped, [1, 0, 2, 3]);
  const grouped = g.reshape(flipped, [groups, filters / groups, channels / groups, ...kernel]);
  return g.reshape(g.transpose(grouped, [0, 2, 1, 3, 4]), [channels, filters / groups, ...kernel]);
}

function weightGradient(g: StepBuilder, shape: ConvShape, x: string, dY: string): string {
  const positions = shape.output[0] * shape.output[1];
  if (shape.groups > 1) return weightGradientByTap(g, shape, x, dY);
  if (shape.channels <= 4) return weightGradientByImage(g, shape, x, dY);
  return positions < 64 ? weightGradientByChannel(g, shape, x, dY) : weightGradientByTap(g, shape, x, dY);
}

/** One batched matrix product per kernel position, `[C, L] x [L, O]` for every image and group, summed over images. */
function weightGradientByTap(g: StepBuilder, shape: ConvShape, x: string, dY: string): string {
  const { batch, channels, filters, groups, kernel, output } = shape;
  const positions = output[0] * output[1];
  const dYt = g.transpose(g.reshape(dY, [batch, groups, filters / groups, positions]), [0, 1, 3, 2]);
  const products = taps(g, shape, x).map((tap) => {
    const patch = g.reshape(tap, [batch, groups, channels / groups, positions]);
    const product = g.reduceSum(g.node('MatMul', [patch, dYt]), [0]);
    return g.reshape(product, [1, groups, channels / groups, filters / groups]);
  });
  const stacked = products.length === 1 ? products[0]! : g.node('Concat', products, { axis: 0 });
  return g.reshape(g.transpose(stacked, [1, 3, 2, 0]), [filters, channels / groups, ...kernel]);
}

/** All patches of an image side by side, one matrix product per image: for few channels. */
function weightGradientByImage(g: StepBuilder, shape: ConvShape, x: string, dY: string): string {
  const { batch, channels, filters, kernel, output } = shape;
  const positions = output[0] * output[1];
  const [kernelSize, all] = [kernel[0] * kernel[1], taps(g, shape, x)];
  const patches = g.reshape(all.length === 1 ? all[0]! : g.node('Concat', all, { axis: 1 }), [
    batch,
    kernelSize * channels,
    positions,
  ]);
  const product = g.node('MatMul', [g.reshape(dY, [batch, filters, positions]), g.transpose(patches, [0, 2, 1])]);
  const sum = g.reshape(g.reduceSum(product, [0]), [filters, kernelSize, channels]);
  return g.reshape(g.transpose(sum, [0, 2, 1]), [filters, channels, ...kernel]);
}

/** Channels first: one product of `[O, N L]` and the patches `[kh kw C, N L]` transposed. For small maps. */
function weightGradientByChannel(g: StepBuilder, shape: ConvShape, x: string, dY: string): string {
  const { batch, channels, filters, kernel, output } = shape;
  const length = batch * output[0] * output[1];
  const rows = taps(g, shape, x).map((tap) => g.reshape(g.transpose(tap, [1, 0, 2, 3]), [channels, length]));
  const patches = rows.length === 1 ? rows[0]! : g.node('Concat', rows, { axis: 0 });
  const dYt = g.reshape(g.transpose(dY, [1, 0, 2, 3]), [filters, length]);
  const product = g.reshape(g.node('Gemm', [dYt, patches], { transB: 1 }), [filters, kernel[0] * kernel[1], channels]);
  return g.reshape(g.transpose(product, [0, 2, 1]), [filters, channels, ...kernel]);
}

/** For each kernel position in row-major order, the inputs `[N, C, OH, OW]` that it meets. */
function taps(g: StepBuilder, shape: ConvShape, x: string): string[] {
  const { kernel, strides, dilations, before, after, output, inputSize } = shape;
  const padded = g.pad(x, [0, 0, ...before], [0, 0, ...after]);
  const size = [0, 1].map((axis) => inputSize[axis]! + before[axis]! + after[axis]!);
  const all: string[] = [];
  for (let row = 0; row < kernel[0]; row++) {
    for (let column = 0; column < kernel[1]; column++) {
      const starts = [row * dilations[0], column * dilations[1]];
      const ends = starts.map((start, axis) => start + (output[axis]! - 1) * strides[axis]! + 1);
      const whole = strides.every((s) => s === 1) && ends.every((end, axis) => end - starts[axis]! === size[axis]);
      all.push(whole ? padded : g.slice(padded, { starts, ends, axes: [2, 3], steps: strides }));
    }
  }
  return all;
}
