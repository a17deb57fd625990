import type { Node } from '@percept/onnx';
import { attributes } from '@percept/onnx/graph';
import { unsupported } from './unsupported.js';

/** A pair of sizes: along height, along width. */
type Pair = readonly [number, number];

/** Where the windows of a 2-D convolution or pooling lie, all attributes resolved for one input size. */
export interface SlidingWindow {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** Padding above and to the left. */
  readonly before: Pair;
  /** Padding below and to the right. Windows of `ceil_mode` may reach beyond it. */
  readonly after: Pair;
  /** Number of windows. */
  readonly output: Pair;
}

/**
 * Resolves `kernel_shape`, `strides`, `dilations`, `pads`, `auto_pad` and `ceil_mode` of Conv and the pooling operators
 * (ONNX operator specification) for an input of `[N, C, H, W]`.
 *
 * @throws PerceptError `TRAIN_UNSUPPORTED` unless there are two spatial dimensions and at least one window
 */
export function slidingWindow(node: Node, inputDims: readonly number[], kernelShape: readonly number[]): SlidingWindow {
  if (inputDims.length !== 4) {
    throw unsupported(node, 'an input [N, C, H, W]', `one of ${inputDims.length} dimensions`);
  }
  const kernel = pair(node, 'kernel_shape', kernelShape);
  const strides = pair(node, 'strides', [1, 1]);
  const dilations = pair(node, 'dilations', [1, 1]);
  const size: Pair = [inputDims[2]!, inputDims[3]!];
  const extent: Pair = [dilations[0] * (kernel[0] - 1) + 1, dilations[1] * (kernel[1] - 1) + 1];
  const [before, after] = padding(node, size, strides, extent);
  const ceil = attributes(node).int('ceil_mode', 0) === 1;
  const count = (axis: 0 | 1): number => {
    const span = size[axis] + before[axis] + after[axis] - extent[axis];
    if (span < 0) return 0;
    if (!ceil) return Math.floor(span / strides[axis]) + 1;
    const windows = Math.ceil(span / strides[axis]) + 1;
    // A window that would begin in the padding behind the input is left out.
    return (windows - 1) * strides[axis] >= size[axis] + before[axis] ? windows - 1 : windows;
  };
  const output: Pair = [count(0), count(1)];
  if (output[0] < 1 || output[1] < 1) {
    throw unsupported(node, `an input of at least ${extent.join('x')} with its padding`, size.join('x'));
  }
  return { kernel, strides, dilations, before, after, output };
}

function padding(node: Node, size: Pair, strides: Pair, extent: Pair): [Pair, Pair] {
  const mode = attributes(node).string('auto_pad', 'NOTSET');
  if (mode === 'VALID') {
    return [
      [0, 0],
      [0, 0],
    ];
  }
  if (mode === 'NOTSET') {
    const pads = attributes(node).ints('pads', [0, 0, 0, 0]);
    if (pads.length !== 4 || pads.some((pad) => pad < 0)) {
      throw unsupported(node, 'four sizes of at least 0 for attribute pads', `[${pads.join(', ')}]`);
    }
    return [
      [pads[0]!, pads[1]!],
      [pads[2]!, pads[3]!],
    ];
  }
  const total = ([0, 1] as const).map((axis) =>
    Math.max(0, (Math.ceil(size[axis] / strides[axis]) - 1) * strides[axis] + extent[axis] - size[axis]),
  );
  const small = total.map((pad) => Math.floor(pad / 2)) as unknown as Pair;
  const large = total.map((pad) => Math.ceil(pad / 2)) as unknown as Pair;
  return mode === 'SAME_UPPER' ? [small, large] : [large, small];
}

function pair(node: Node, name: string, fallback: readonly number[]): Pair {
  const values = attributes(node).ints(name, fallback);
  const [first, second] = values;
  if (first === undefined || second === undefined || values.length !== 2 || first < 1 || second < 1) {
    throw unsupported(node, `two sizes of at least 1 for attribute ${name}`, `[${values.join(', ')}]`);
  }
  return [first, second];
}
