import type { Dimension } from '../../model.js';
import { frontAxis, unknownDims } from './dimensions.js';
import type { ShapeRule } from './shape-rule.js';

export const DFT: ShapeRule = (context) => {
  const dims = context.dims(0);
  if (dims === undefined) return [undefined];
  const { attributes } = context;
  const inverse = attributes.int('inverse', 0) !== 0;
  const onesided = attributes.int('onesided', 0) !== 0;
  const given = context.opset < 20 ? attributes.int('axis', 1) : context.has(2) ? context.integers(2)?.[0] : -2;
  const components = onesided && inverse ? 1 : 2;
  if (given === undefined) {
    const kept = !onesided && !context.has(1);
    return [{ dims: [...(kept ? dims : unknownDims(dims.length)).slice(0, -1), components] }];
  }
  const axis = frontAxis(context, given, dims.length);
  const size = dims[axis];
  const length = context.has(1) ? context.contents(1)?.[0] : size;
  let result = length;
  if (onesided && inverse) {
    // What is given is half of a spectrum, and the signal that it came from is real.
    if (!context.has(1)) result = typeof size === 'number' ? 2 * (size - 1) : undefined;
  } else if (onesided) {
    result = typeof length === 'number' ? Math.floor(length / 2) + 1 : undefined;
  }
  return [{ dims: dims.with(axis, result).with(-1, components) }];
};

export const STFT: ShapeRule = (context) => {
  const signal = context.dims(0);
  const step = context.integers(1)?.[0];
  const frame: Dimension = context.has(3) ? context.contents(3)?.[0] : context.dims(2)?.[0];
  const size = signal?.[1];
  const known = typeof size === 'number' && step !== undefined && typeof frame === 'number';
  const frames = known ? Math.floor((size - frame) / step) + 1 : undefined;
  const onesided = context.attributes.int('onesided', 1) !== 0;
  const bins = onesided && typeof frame === 'number' ? Math.floor(frame / 2) + 1 : onesided ? undefined : frame;
  return [{ dims: [signal?.[0], frames, bins, 2] }];
};
