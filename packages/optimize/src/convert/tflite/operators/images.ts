// What kernels over images share: channels last, and padding. Values of rank 3 are images of height 1.
import { tensor } from '@percept/core';
import type { Placed } from '../lowering.js';
import { permutedLayout } from '../memory-layout.js';
import type { NodeScope } from '../node-scope.js';

/** N, H, W, C as axes of N, C, H, W. */
export const channelsLast = [0, 2, 3, 1] as const;

/** The node's input `index` as an image of rank 4; refused for other ranks than 3 and 4. */
export function imageOperand(scope: NodeScope, index = 0): Placed {
  const placed = scope.placed(index);
  const { dims } = placed;
  if (dims.length === 4) return placed;
  if (dims.length !== 3) scope.refuse(`${dims.length - 2} spatial axes`, 'TFLite has kernels for one and two of them');
  return scope.reshaped(placed, [dims[0]!, dims[1]!, 1, dims[2]!]);
}

/** Says that the node's output is an image `[N, H, W, C]`; of rank 3 where its input was. */
export function giveImage(scope: NodeScope, image: number): void {
  const dims = scope.outputDims();
  if (dims.length === 4) {
    scope.give(image, channelsLast);
    return;
  }
  const [n, h, w, c] = scope.shapeOf(image) as [number, number, number, number];
  const four = [n, c, h, w];
  scope.givePlaced(scope.reshaped({ tensor: image, dims: four, layout: permutedLayout(four, channelsLast) }, dims));
}

/** Numbers for the two spatial axes, from an attribute that has one per spatial axis of the node. */
export function spatialPair(given: readonly number[] | undefined, fallback: number): [number, number] {
  if (given === undefined) return [fallback, fallback];
  return given.length === 1 ? [fallback, given[0]!] : [given[0]!, given[1]!];
}

/** A window that slides over one axis. */
export interface WindowAxis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Elements added before and behind. */
  readonly pads: readonly [number, number];
  readonly output: number;
}

/** The axes of the node's window over an image of these sizes, with `auto_pad` and `ceil_mode` worked out. */
export function windowAxes(
  scope: NodeScope,
  sizes: readonly [number, number],
  kernels: readonly [number, number],
): readonly [WindowAxis, WindowAxis] {
  const { attributes } = scope;
  const strides = spatialPair(attributes.ints('strides', undefined), 1);
  const dilations = spatialPair(attributes.ints('dilations', undefined), 1);
  const given = attributes.ints('pads', undefined) ?? [0, 0, 0, 0];
  const pads = given.length === 2 ? [0, given[0]!, 0, given[1]!] : given;
  const auto = attributes.string('auto_pad', 'NOTSET');
  const ceil = attributes.int('ceil_mode', 0) === 1;
  const axis = (at: 0 | 1): WindowAxis => {
    const [size, kernel, stride, dilation] = [sizes[at], kernels[at], strides[at], dilations[at]];
    const reach = (kernel - 1) * dilation + 1;
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
      const output = Math.ceil(size / stride);
      const total = Math.max(0, (output - 1) * stride + reach - size);
      const less = Math.floor(total / 2);
      const own: [number, number] = auto === 'SAME_UPPER' ? [less, total - less] : [total - less, less];
      return { size, kernel, stride, dilation, pads: own, output };
    }
    const own: [number, number] = auto === 'VALID' ? [0, 0] : [pads[at]!, pads[at + 2]!];
    const room = size + own[0] + own[1] - reach;
    let output = Math.floor(room / stride) + 1;
    // The last window must begin inside the image or the padding before it.
    if (ceil && room % stride !== 0 && output * stride < size + own[0]) output++;
    return { size, kernel, stride, dilation, pads: own, output };
  };
  return [axis(0), axis(1)];
}

/** What a window needs of its input: TFLite's SAME where it comes to the same, otherwise elements added by hand. */
export interface PaddingPlan {
  readonly scheme: 'SAME' | 'VALID';
  /** Elements to add before and behind each axis; those behind may be negative, then nothing is added. */
  readonly added: readonly (readonly [number, number])[];
}

/** Chooses the padding. */
export function planPadding(axes: readonly WindowAxis[]): PaddingPlan {
  const isSame = axes.every(({ size, kernel, stride, dilation, pads, output }) => {
    const total = Math.max(0, (output - 1) * stride + (kernel - 1) * dilation + 1 - size);
    return output === Math.ceil(size / stride) && pads[0] === Math.floor(total / 2);
  });
  const added = axes.map(({ size, kernel, stride, dilation, pads, output }): [number, number] => {
    const needed = (output - 1) * stride + (kernel - 1) * dilation + 1;
    return [pads[0], Math.max(0, needed - size - pads[0])];
  });
  if (added.every(([before, behind]) => before === 0 && behind === 0)) return { scheme: 'VALID', added };
  return isSame ? { scheme: 'SAME', added: axes.map(() => [0, 0]) } : { scheme: 'VALID', added };
}

/** Adds rows and columns around an image `[N, H, W, C]`: zeros, or the lowest number there is. */
export function padImage(scope: NodeScope, image: number, { added }: PaddingPlan, value: 'zero' | 'lowest'): number {
  const [vertical, horizontal] = added as [readonly [number, number], readonly [number, number]];
  if ([...vertical, ...horizontal].every((count) => count === 0)) return image;
  const [n, h, w, c] = scope.shapeOf(image) as [number, number, number, number];
  const to = scope.like(image, [n, h + vertical[0] + vertical[1], w + horizontal[0] + horizontal[1], c]);
  const amounts = scope.int32s([0, 0, ...vertical, ...horizontal, 0, 0], [4, 2]);
  // PAD adds the integer that stands for zero.
  if (value === 'zero') return scope.emit('PAD', [image, amounts], to, 'PadOptions');
  const quantization = scope.quantizationOf(image);
  const lowest =
    quantization === undefined
      ? scope.addConstant(tensor('float32', [], [-3.4028234663852886e38]), 'lowest')
      : scope.addConstant(tensor('int8', [], [-128]), 'lowest', quantization);
  return scope.emit('PADV2', [image, amounts, lowest], to, 'PadV2Options');
}
