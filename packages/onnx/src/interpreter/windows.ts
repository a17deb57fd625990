// Sliding windows over the spatial axes of a tensor [N, C, D1, …]: how convolutions and poolings find what each output
// sees. Sizes and paddings follow the formulas in the ONNX definitions of Conv, ConvTranspose and AveragePool.
import { elementCount } from '@percept/core';
import { forEachIndex, strides as stridesOf } from './indexing.js';
import { malformed } from './interpreter-errors.js';
import type { KernelContext } from './kernel.js';

/** A window that slides along one axis. */
export interface WindowAxis {
  /** Size of the input along the axis. */
  readonly input: number;
  /** Number of positions of the window: size of the output. */
  readonly output: number;
  /** Number of taps. */
  readonly kernel: number;
  /** Input elements from one position to the next. */
  readonly stride: number;
  /** Input elements from one tap to the next. */
  readonly dilation: number;
  /** Elements that are thought before and after the input. */
  readonly padBegin: number;
  readonly padEnd: number;
}

/** A tap of a window that lies in the padding. */
const inPadding = -1;
/** A tap that lies beyond the padding: in the last window of `ceil_mode`. */
export const beyondPadding = -2;

/** The attributes that all windowed operators share, with a value per spatial axis. */
export interface WindowAttributes {
  readonly kernelShape: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Begins of all axes, then ends; negative values crop. */
  readonly pads: readonly number[];
  readonly autoPad: string;
}

/** Reads `kernel_shape` (or takes the one of the weights), `strides`, `dilations`, `pads` and `auto_pad`. */
export function windowAttributes(
  context: KernelContext,
  rank: number,
  kernelShape: readonly number[] | undefined = context.ints('kernel_shape'),
): WindowAttributes {
  const perAxis = (name: string, count: number, fallback: number): readonly number[] => {
    const values = context.ints(name) ?? new Array<number>(count).fill(fallback);
    if (values.length !== count) {
      throw malformed(`Expected ${count} ${name} for ${context.opType} but received [${values.join(', ')}]`);
    }
    return values;
  };
  if (kernelShape?.length !== rank) {
    throw malformed(`Expected kernel_shape of ${rank} axes for ${context.opType} but received [${kernelShape ?? ''}]`);
  }
  return {
    kernelShape,
    strides: perAxis('strides', rank, 1),
    dilations: perAxis('dilations', rank, 1),
    pads: perAxis('pads', 2 * rank, 0),
    autoPad: context.string('auto_pad', 'NOTSET'),
  };
}

/** The window along every spatial axis. `ceil` also keeps a last window that only begins inside the padded input. */
export function windowAxes(spatial: readonly number[], attributes: WindowAttributes, ceil = false): WindowAxis[] {
  const { kernelShape, strides, dilations, pads, autoPad } = attributes;
  return spatial.map((input, axis) => {
    const [kernel, stride, dilation] = [kernelShape[axis]!, strides[axis]!, dilations[axis]!];
    const extent = (kernel - 1) * dilation + 1;
    const fixed = { input, kernel, stride, dilation };
    if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') {
      const output = Math.ceil(input / stride);
      const total = Math.max(0, (output - 1) * stride + extent - input);
      const small = Math.floor(total / 2);
      const padBegin = autoPad === 'SAME_UPPER' ? small : total - small;
      return { ...fixed, output, padBegin, padEnd: total - padBegin };
    }
    const [padBegin, padEnd] = autoPad === 'VALID' ? [0, 0] : [pads[axis]!, pads[axis + spatial.length]!];
    const steps = (input + padBegin + padEnd - extent) / stride;
    let output = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    if (ceil && (output - 1) * stride >= input + padBegin) output--;
    return { ...fixed, output: Math.max(0, output), padBegin, padEnd };
  });
}

/**
 * For every position of the window and every tap of it, both in row-major order: the flat position in the spatial input,
 * {@link inPadding} or {@link beyondPadding}. Length: positions × taps.
 */
export function windowPositions(axes: readonly WindowAxis[]): Int32Array {
  const steps = stridesOf(axes.map(({ input }) => input));
  const taps = elementCount(axes.map(({ kernel }) => kernel));
  const positions = new Int32Array(elementCount(axes.map(({ output }) => output)) * taps);
  forEachIndex([...axes.map(({ output }) => output), ...axes.map(({ kernel }) => kernel)], (index, at) => {
    let position = 0;
    for (let axis = 0; axis < axes.length; axis++) {
      const { input, stride, dilation, padBegin, padEnd } = axes[axis]!;
      const place = index[axis]! * stride - padBegin + index[axes.length + axis]! * dilation;
      if (place >= 0 && place < input) {
        if (position >= 0) position += place * steps[axis]!;
      } else {
        position = place >= input + padEnd || position === beyondPadding ? beyondPadding : inPadding;
      }
    }
    positions[at] = position;
  });
  return positions;
}

/** Number of outputs of each axis, and number of taps of the whole window. */
export function windowCounts(axes: readonly WindowAxis[]): { outputs: number[]; taps: number } {
  return { outputs: axes.map(({ output }) => output), taps: elementCount(axes.map(({ kernel }) => kernel)) };
}
