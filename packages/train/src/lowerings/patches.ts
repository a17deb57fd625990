// What a convolution's weights meet, copied out so that matrix products can take it. Gather is used where Slice and Transpose
// would do, because onnxruntime's CPU provider runs those on one thread and Gather on all.
import { type Tensor, tensor } from '@percept/core';
import type { StepBuilder } from '../step-builder.js';
import type { ConvolutionShape } from './convolution-shape.js';

/** For each kernel position in row-major order, the inputs `[N, C, OH, OW]` that it meets. The first two axes may be swapped. */
export function taps(g: StepBuilder, shape: ConvolutionShape, x: string): string[] {
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

/**
 * For each kernel column the inputs that its rows meet, `[C kh, N OH OW]`: rows of the image are picked by their numbers,
 * which moves the channels to the front, repeats rows and pads them all at once.
 */
export function rowsByColumn(g: StepBuilder, shape: ConvolutionShape, x: string): string[] {
  const { batch, channels, kernel, strides, dilations, before, after, output, inputSize } = shape;
  const [height, width] = inputSize;
  const rows = batch * channels * height;
  // The row behind the last one holds zeros: padding above and below the image.
  const flat = g.reshape(x, [rows, width]);
  const padded = g.pad(flat, [0, before[1]], [1, after[1]]);
  const numbers = sharedIndices(g, `rows ${JSON.stringify(shape)}`, () => {
    const picked = new Int32Array(channels * kernel[0] * batch * output[0]);
    let at = 0;
    for (let channel = 0; channel < channels; channel++) {
      for (let tap = 0; tap < kernel[0]; tap++) {
        for (let image = 0; image < batch; image++) {
          for (let y = 0; y < output[0]; y++) {
            const row = y * strides[0] + tap * dilations[0] - before[0];
            picked[at++] = row < 0 || row >= height ? rows : (image * channels + channel) * height + row;
          }
        }
      }
    }
    return tensor('int32', [channels * kernel[0], batch * output[0]], picked);
  });
  return Array.from({ length: kernel[1] }, (_, column) => {
    const starts = [column * dilations[1]];
    const ends = [starts[0]! + (output[1] - 1) * strides[1] + 1];
    const columns = g.slice(padded, { starts, ends, axes: [1], steps: [strides[1]] });
    const picked = g.node('Gather', [columns, numbers], { axis: 0 });
    return g.reshape(picked, [channels * kernel[0], batch * output[0] * output[1]]);
  });
}

/** `[N, C, L]` as `[C, N L]`. */
export function channelsFirst(g: StepBuilder, value: string, batch: number, channels: number, length: number): string {
  const dims = [channels, batch * length];
  // Short rows are faster through Transpose, for all its single thread.
  if (length < 128) return g.reshape(g.transpose(g.reshape(value, [batch, channels, length]), [1, 0, 2]), dims);
  const numbers = sharedIndices(g, `swap ${batch} ${channels}`, () => {
    const swapped = Int32Array.from({ length: dims[0]! * batch }, (_, at) => {
      const image = at % batch;
      return image * channels + (at - image) / batch;
    });
    return tensor('int32', [channels, batch], swapped);
  });
  return g.reshape(g.node('Gather', [g.reshape(value, [batch * channels, length]), numbers], { axis: 0 }), dims);
}

const made = new WeakMap<StepBuilder, Map<string, string>>();

/** Convolutions of equal shape share their index tensors. */
function sharedIndices(g: StepBuilder, key: string, make: () => Tensor): string {
  const known = made.get(g) ?? new Map<string, string>();
  made.set(g, known);
  const name = known.get(key) ?? g.constant(make(), 'indices');
  known.set(key, name);
  return name;
}
