// Cropping and padding about the centre.
import { elementCount } from '@percept/core';
import { forEachIndex, normalizeAxis, strides } from '../indexing.js';
import type { Kernel } from '../kernel.js';
import { asTensor, integers, pick } from '../value.js';

export const CenterCropPad: Kernel = ([input, shape], context) => {
  const x = asTensor(input);
  const sizes = integers(asTensor(shape));
  const axes = (context.ints('axes') ?? x.dims.map((_, axis) => axis)).map((axis) =>
    normalizeAxis(axis, x.dims.length),
  );
  const dims = x.dims.map((size, axis) => sizes[axes.indexOf(axis)] ?? size);
  // Index in the input of the first output: negative where the input is padded.
  const begins = x.dims.map((size, axis) => {
    const spare = size - dims[axis]!;
    return spare >= 0 ? Math.floor(spare / 2) : -Math.floor(-spare / 2);
  });
  const steps = strides(x.dims);
  const sources = new Int32Array(elementCount(dims));
  forEachIndex(dims, (index, at) => {
    let position = 0;
    for (const [axis, begin] of begins.entries()) {
      const place = index[axis]! + begin;
      if (place < 0 || place >= x.dims[axis]!) {
        position = -1;
        break;
      }
      position += place * steps[axis]!;
    }
    sources[at] = position;
  });
  return [pick(x, dims, sources)];
};
