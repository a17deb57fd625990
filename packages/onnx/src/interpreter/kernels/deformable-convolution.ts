// Dai et al., "Deformable Convolutional Networks" (arXiv:1703.06211), with the modulation of version 2 (arXiv:1811.11168).
import { elementCount } from '@percept/core';
import { addPerChannel } from '../convolve.js';
import { forEachIndex } from '../indexing.js';
import type { Kernel } from '../kernel.js';
import { linearSample } from '../linear-sample.js';
import { asTensor, fromNumbers, numbers } from '../value.js';
import { windowAttributes } from '../windows.js';

export const DeformConv: Kernel = ([input, weights, offsets, bias, mask], context) => {
  const [x, w, offset] = [asTensor(input), asTensor(weights), asTensor(offsets)];
  const [images, channels, ...spatial] = x.dims as [number, number, ...number[]];
  const [filters, depth, ...kernelShape] = w.dims as [number, number, ...number[]];
  const group = context.int('group', 1);
  const offsetGroups = context.int('offset_group', 1);
  const { strides, dilations, pads } = windowAttributes(context, spatial.length, kernelShape);
  const outputs = offset.dims.slice(2);
  const [inputSize, outputSize, taps] = [elementCount(spatial), elementCount(outputs), elementCount(kernelShape)];
  const rank = spatial.length;
  const [values, kernel, shifts] = [numbers(x), numbers(w), numbers(offset)];
  const modulation = mask === undefined ? undefined : numbers(asTensor(mask));
  const channelsPerOffset = channels / offsetGroups;
  const filtersPerGroup = filters / group;
  const out = new Float64Array(images * filters * outputSize);
  for (let image = 0; image < images; image++) {
    for (let offsetGroup = 0; offsetGroup < offsetGroups; offsetGroup++) {
      forEachIndex(kernelShape, (tap, tapAt) => {
        const first = (image * offsetGroups + offsetGroup) * taps + tapAt;
        forEachIndex(outputs, (place, at) => {
          const point = place.map(
            (position, axis) =>
              position * strides[axis]! -
              pads[axis]! +
              tap[axis]! * dilations[axis]! +
              shifts[(first * rank + axis) * outputSize + at]!,
          );
          const sample = linearSample(spatial, point);
          const factor = modulation?.[first * outputSize + at] ?? 1;
          for (let c = offsetGroup * channelsPerOffset; c < (offsetGroup + 1) * channelsPerOffset; c++) {
            const from = (image * channels + c) * inputSize;
            let value = 0;
            for (const [k, position] of sample.positions.entries()) {
              value += sample.weights[k]! * values[from + position]!;
            }
            const part = Math.floor(c / depth);
            for (let m = part * filtersPerGroup; m < (part + 1) * filtersPerGroup; m++) {
              out[(image * filters + m) * outputSize + at]! +=
                value * factor * kernel[(m * depth + (c % depth)) * taps + tapAt]!;
            }
          }
        });
      });
    }
  }
  const dims = [images, filters, ...outputs];
  if (bias !== undefined) addPerChannel(out, dims, numbers(asTensor(bias)));
  return [fromNumbers(x.type, dims, out)];
};
