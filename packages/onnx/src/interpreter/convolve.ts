// Cross-correlation over any number of spatial axes, and its adjoint. Sums are in double.
import { elementCount } from '@percept/core';
import { malformed } from './interpreter-errors.js';
import type { KernelContext } from './kernel.js';
import { type WindowAxis, windowAttributes, windowAxes, windowCounts, windowPositions } from './windows.js';

/** Elements and shape. */
export interface Numbers {
  readonly dims: readonly number[];
  readonly values: Float64Array;
}

/** [N, C, D1, …] with weights [M, C / group, K1, …] gives [N, M, O1, …]; the attributes are those of `Conv`. */
export function convolve(x: Numbers, w: Numbers, context: KernelContext): { dims: number[]; values: Float64Array } {
  const [images, channels, ...spatial] = x.dims as [number, number, ...number[]];
  const [filters, depth, ...kernelShape] = w.dims as [number, number, ...number[]];
  const group = context.int('group', 1);
  if (channels !== depth * group || filters % group !== 0) {
    throw malformed(
      `Expected ${depth * group} channels for weights [${w.dims.join(', ')}] in ${group} groups but received [${x.dims.join(', ')}]`,
    );
  }
  const axes = windowAxes(spatial, windowAttributes(context, spatial.length, kernelShape));
  const { outputs, taps } = windowCounts(axes);
  const positions = windowPositions(axes);
  const [inputSize, outputSize] = [elementCount(spatial), elementCount(outputs)];
  const values = new Float64Array(images * filters * outputSize);
  const seen = new Float64Array(depth * taps);
  const [elements, weights] = [x.values, w.values];
  for (let image = 0; image < images; image++) {
    for (let part = 0; part < group; part++) {
      const from = (image * channels + part * depth) * inputSize;
      for (let at = 0; at < outputSize; at++) {
        for (let channel = 0; channel < depth; channel++) {
          for (let tap = 0; tap < taps; tap++) {
            const position = positions[at * taps + tap]!;
            seen[channel * taps + tap] = position < 0 ? 0 : elements[from + channel * inputSize + position]!;
          }
        }
        for (let filter = (part * filters) / group; filter < ((part + 1) * filters) / group; filter++) {
          let sum = 0;
          const row = filter * seen.length;
          for (let k = 0; k < seen.length; k++) sum += weights[row + k]! * seen[k]!;
          values[(image * filters + filter) * outputSize + at] = sum;
        }
      }
    }
  }
  return { dims: [images, filters, ...outputs], values };
}

/**
 * The adjoint: every input element adds itself, times the weights [C, M / group, K1, …], to what the window at its place
 * covers. In `axes`, `input` is the size of the result and `output` the size of `x`.
 */
export function scatterWindows(
  x: Numbers,
  w: Numbers,
  group: number,
  axes: readonly WindowAxis[],
): { dims: number[]; values: Float64Array } {
  const [images, channels, ...spatial] = x.dims as [number, number, ...number[]];
  const [weightChannels, width] = w.dims as [number, number];
  if (channels !== weightChannels || channels % group !== 0) {
    throw malformed(
      `Expected ${weightChannels} channels in ${group} groups for ConvTranspose but received [${x.dims.join(', ')}]`,
    );
  }
  const result = axes.map(({ input }) => input);
  const { taps } = windowCounts(axes);
  const positions = windowPositions(axes);
  const [inputSize, outputSize] = [elementCount(spatial), elementCount(result)];
  const filters = width * group;
  const values = new Float64Array(images * filters * outputSize);
  for (let image = 0; image < images; image++) {
    for (let channel = 0; channel < channels; channel++) {
      const part = Math.floor(channel / (channels / group));
      for (let filter = 0; filter < width; filter++) {
        const to = (image * filters + part * width + filter) * outputSize;
        for (let at = 0; at < inputSize; at++) {
          const value = x.values[(image * channels + channel) * inputSize + at]!;
          for (let tap = 0; tap < taps; tap++) {
            const position = positions[at * taps + tap]!;
            if (position >= 0) values[to + position]! += value * w.values[(channel * width + filter) * taps + tap]!;
          }
        }
      }
    }
  }
  return { dims: [images, filters, ...result], values };
}

/** Adds one value per channel (axis 1) in place. */
export function addPerChannel(values: Float64Array, dims: readonly number[], bias: ArrayLike<number>): void {
  const channels = dims[1]!;
  const size = elementCount(dims.slice(2));
  for (let at = 0; at < values.length; at++) values[at]! += bias[Math.floor(at / size) % channels]!;
}
