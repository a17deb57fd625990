// Convolutions over any number of spatial axes.
import { elementCount } from '@percept/core';
import { addPerChannel, convolve, scatterWindows } from '../convolve.js';
import { malformed } from '../interpreter-errors.js';
import type { Kernel, KernelContext } from '../kernel.js';
import { asTensor, fromNumbers, integers, numbers } from '../value.js';
import { type WindowAxis, windowAttributes, windowCounts, windowPositions } from '../windows.js';

export const Conv: Kernel = ([input, weights, bias], context) => {
  const [x, w] = [asTensor(input), asTensor(weights)];
  const { dims, values } = convolve(
    { dims: x.dims, values: numbers(x) },
    { dims: w.dims, values: numbers(w) },
    context,
  );
  if (bias !== undefined) addPerChannel(values, dims, numbers(asTensor(bias)));
  return [fromNumbers(x.type, dims, values)];
};

export const ConvTranspose: Kernel = ([input, weights, bias], context) => {
  const [x, w] = [asTensor(input), asTensor(weights)];
  const { dims, values } = scatterWindows(
    { dims: x.dims, values: numbers(x) },
    { dims: w.dims, values: numbers(w) },
    context.int('group', 1),
    transposedAxes(x.dims.slice(2), w.dims.slice(2), context),
  );
  if (bias !== undefined) addPerChannel(values, dims, numbers(asTensor(bias)));
  return [fromNumbers(x.type, dims, values)];
};

/** The windows of the convolution that ConvTranspose is the adjoint of: `input` is the size of the result. */
function transposedAxes(
  spatial: readonly number[],
  kernelShape: readonly number[],
  context: KernelContext,
): WindowAxis[] {
  const rank = spatial.length;
  const { strides, dilations, pads, autoPad } = windowAttributes(context, rank, kernelShape);
  const extra = context.ints('output_padding') ?? new Array<number>(rank).fill(0);
  const same = autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER';
  const shape =
    context.ints('output_shape')?.slice(-rank) ??
    (same ? spatial.map((size, axis) => size * strides[axis]!) : undefined);
  return spatial.map((output, axis) => {
    const fixed = { output, kernel: kernelShape[axis]!, stride: strides[axis]!, dilation: dilations[axis]! };
    const whole = fixed.stride * (output - 1) + extra[axis]! + (fixed.kernel - 1) * fixed.dilation + 1;
    if (shape === undefined) {
      const [padBegin, padEnd] = autoPad === 'VALID' ? [0, 0] : [pads[axis]!, pads[axis + rank]!];
      return { ...fixed, input: whole - padBegin - padEnd, padBegin, padEnd };
    }
    const total = Math.max(0, whole - shape[axis]!);
    const small = Math.floor(total / 2);
    const padBegin = autoPad === 'SAME_UPPER' ? small : total - small;
    return { ...fixed, input: shape[axis]!, padBegin, padEnd: total - padBegin };
  });
}

/** Depthwise convolution of a sequence [N, C, L] that looks back only, with the last elements carried from run to run. */
export const CausalConvWithState: Kernel = ([input, weights, bias, past], context) => {
  const [x, w] = [asTensor(input), asTensor(weights)];
  const [images, channels, length] = x.dims as [number, number, number];
  const taps = w.dims[2]!;
  const activation = context.string('activation', 'none');
  const [values, kernel] = [numbers(x), numbers(w)];
  const carried = past === undefined ? undefined : numbers(asTensor(past));
  const addends = bias === undefined ? undefined : numbers(asTensor(bias));
  const out = new Float64Array(values.length);
  const state = new Float64Array(images * channels * (taps - 1));
  for (let row = 0; row < images * channels; row++) {
    const channel = row % channels;
    // Position 0 is the oldest carried element.
    const at = (position: number): number =>
      position < taps - 1
        ? (carried?.[row * (taps - 1) + position] ?? 0)
        : values[row * length + position - (taps - 1)]!;
    for (let position = 0; position < length; position++) {
      let sum = addends?.[channel] ?? 0;
      for (let tap = 0; tap < taps; tap++) sum += kernel[channel * taps + tap]! * at(position + tap);
      out[row * length + position] = activation === 'none' ? sum : sum / (1 + Math.exp(-sum));
    }
    for (let k = 0; k < taps - 1; k++) state[row * (taps - 1) + k] = at(length + k);
  }
  return [fromNumbers(x.type, x.dims, out), fromNumbers(x.type, [images, channels, taps - 1], state)];
};

/** Puts blocks [N, C × taps, positions] back at their places in an image; where they overlap they are added. */
export const Col2Im: Kernel = ([input, imageShape, blockShape], context) => {
  const x = asTensor(input);
  const [image, block] = [integers(asTensor(imageShape)), integers(asTensor(blockShape))];
  const { strides, dilations, pads } = windowAttributes(context, image.length, block);
  const axes = image.map((size, axis): WindowAxis => {
    const fixed = { input: size, kernel: block[axis]!, stride: strides[axis]!, dilation: dilations[axis]! };
    const [padBegin, padEnd] = [pads[axis]!, pads[axis + image.length]!];
    const extent = (fixed.kernel - 1) * fixed.dilation + 1;
    return { ...fixed, padBegin, padEnd, output: Math.floor((size + padBegin + padEnd - extent) / fixed.stride) + 1 };
  });
  const { outputs, taps } = windowCounts(axes);
  const count = elementCount(outputs);
  const [batch, rows, columns] = x.dims as [number, number, number];
  if (columns !== count || rows % taps !== 0) {
    throw malformed(
      `Expected blocks [N, C × ${taps}, ${count}] for an image of [${image.join(', ')}] but received [${x.dims.join(', ')}]`,
    );
  }
  const positions = windowPositions(axes);
  const size = elementCount(image);
  const channels = rows / taps;
  const values = numbers(x);
  const out = new Float64Array(batch * channels * size);
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let at = 0; at < count; at++) {
      for (let tap = 0; tap < taps; tap++) {
        const position = positions[at * taps + tap]!;
        if (position >= 0) out[plane * size + position]! += values[(plane * taps + tap) * count + at]!;
      }
    }
  }
  return [fromNumbers(x.type, [batch, channels, ...image], out)];
};
