// The gradients of convolutions, in two dimensions by the lowerings that are fast on the device that trains.
import type { Node } from '@percept/onnx';
import { attributes } from '@percept/onnx/graph';
import type { ConvolutionShape } from '../lowerings/convolution-shape.js';
import { emitConvolutionGradient } from '../lowerings/lowering-choices.js';
import { slidingWindow } from '../sliding-window.js';
import { unsupported } from '../unsupported.js';
import { convolution3d } from './convolution-3d.js';
import type { Gradient } from './gradient.js';
import { forOneAxisToo } from './spatial-axes.js';

/** Gradients of Conv with respect to X, W and B: one to three axes, any strides, pads, dilations and groups. */
export const Conv: Gradient = (context) =>
  context.inputDims[0]!.length === 5 ? convolution3d(context) : forOneAxisToo(convolution2d)(context);

const convolution2d: Gradient = ({ g, node, inputs, inputDims, dY, needed }) => {
  const [x, w] = inputs as [string, string];
  const [xDims, wDims] = inputDims as [readonly number[], readonly number[]];
  const shape: ConvolutionShape = {
    ...slidingWindow(node, xDims, wDims.slice(2)),
    batch: xDims[0]!,
    channels: xDims[1]!,
    filters: wDims[0]!,
    groups: attributes(node).int('group', 1),
    inputSize: [xDims[2]!, xDims[3]!],
  };
  return [
    needed[0] ? emitConvolutionGradient(g, 'input', shape, { other: w, dY }) : undefined,
    needed[1] ? emitConvolutionGradient(g, 'weight', shape, { other: x, dY }) : undefined,
    needed[2] ? g.reduceSum(dY, [0, 2, 3]) : undefined,
  ];
};

/**
 * Gradients of ConvTranspose with respect to X, W and B. It is the gradient of a convolution, so its own are that
 * convolution, and the convolution's gradient of W with the two sides exchanged.
 */
export const ConvTranspose: Gradient = (context) => forOneAxisToo(transposed2d)(context);

const transposed2d: Gradient = ({ g, node, inputs, inputDims, outputDims, dY, needed }) => {
  const [x, w] = inputs as [string, string];
  const [xDims, wDims] = inputDims as [readonly number[], readonly number[]];
  if (xDims.length !== 4)
    throw unsupported(node, 'an input [N, C, L] or [N, C, H, W]', `one of ${xDims.length} dimensions`);
  const pair = (name: string): [number, number] => attributes(node).ints(name, [1, 1]).slice(0, 2) as [number, number];
  const [strides, dilations] = [pair('strides'), pair('dilations')];
  const kernel = wDims.slice(2) as [number, number];
  const groups = attributes(node).int('group', 1);
  const [before, after] = transposedPads(node, xDims.slice(2), outputDims.slice(2), strides, dilations, kernel);
  const shape: ConvolutionShape = {
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
    needed[1] ? emitConvolutionGradient(g, 'weight', shape, { other: dY, dY: x }) : undefined,
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
