// Pooling over boxes: RoIAlign (He et al., "Mask R-CNN", arXiv:1703.06870) and RoI max pooling (Girshick, "Fast R-CNN",
// arXiv:1504.08083).
import { malformed } from '../interpreter-errors.js';
import type { Kernel } from '../kernel.js';
import { asTensor, fromNumbers, integers, numbers } from '../value.js';

interface Corner {
  readonly position: number;
  readonly weight: number;
}

export const RoiAlign: Kernel = ([input, boxes, images], context) => {
  const [x, rois] = [asTensor(input), asTensor(boxes)];
  const [, channels, height, width] = x.dims as [number, number, number, number];
  const [rows, columns] = [context.int('output_height', 1), context.int('output_width', 1)];
  const samplingRatio = context.int('sampling_ratio', 0);
  const scale = context.float('spatial_scale', 1);
  const maximum = context.string('mode', 'avg') === 'max';
  const halfPixel =
    context.string('coordinate_transformation_mode', context.opset < 16 ? 'output_half_pixel' : 'half_pixel') ===
    'half_pixel';
  const [values, corners] = [numbers(x), numbers(rois)];
  const imageOf = integers(asTensor(images));
  const out: number[] = [];
  for (const [roi, image] of imageOf.entries()) {
    const [left, top, right, bottom] = Array.from(
      corners.subarray(roi * 4, roi * 4 + 4),
      (value) => value * scale - (halfPixel ? 0.5 : 0),
    ) as [number, number, number, number];
    // Without the half pixel shift a box is at least one element large.
    const atLeast = halfPixel ? Number.NEGATIVE_INFINITY : 1;
    const [boxWidth, boxHeight] = [Math.max(right - left, atLeast), Math.max(bottom - top, atLeast)];
    const [binWidth, binHeight] = [boxWidth / columns, boxHeight / rows];
    const [across, down] =
      samplingRatio > 0 ? [samplingRatio, samplingRatio] : [Math.ceil(binWidth), Math.ceil(binHeight)];
    const bins: Corner[][][] = [];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const samples: Corner[][] = [];
        for (let i = 0; i < down; i++) {
          for (let j = 0; j < across; j++) {
            const y = top + (row + (i + 0.5) / down) * binHeight;
            const x = left + (column + (j + 0.5) / across) * binWidth;
            samples.push(cornersAround(y, x, height, width));
          }
        }
        bins.push(samples);
      }
    }
    for (let channel = 0; channel < channels; channel++) {
      const plane = values.subarray((image * channels + channel) * height * width);
      for (const samples of bins) out.push(maximum ? largest(samples, plane) : average(samples, plane));
    }
  }
  return [fromNumbers(x.type, [imageOf.length, channels, rows, columns], out)];
};

/** The four elements around a point; none when it lies more than one element outside of the image. */
function cornersAround(y: number, x: number, height: number, width: number): Corner[] {
  if (y < -1 || y > height || x < -1 || x > width) return [];
  const [top, bottom, v] = sides(y, height);
  const [left, right, h] = sides(x, width);
  return [
    { position: top * width + left, weight: (1 - v) * (1 - h) },
    { position: top * width + right, weight: (1 - v) * h },
    { position: bottom * width + left, weight: v * (1 - h) },
    { position: bottom * width + right, weight: v * h },
  ];
}

function sides(coordinate: number, size: number): [low: number, high: number, fraction: number] {
  const clamped = Math.max(coordinate, 0);
  const low = Math.floor(clamped);
  return low >= size - 1 ? [size - 1, size - 1, 0] : [low, low + 1, clamped - low];
}

function average(samples: readonly Corner[][], plane: Float64Array): number {
  let sum = 0;
  for (const corners of samples) for (const { position, weight } of corners) sum += weight * plane[position]!;
  return sum / Math.max(samples.length, 1);
}

/** The largest weighted element, as the operator defines it: corners are not added up before the comparison. */
function largest(samples: readonly Corner[][], plane: Float64Array): number {
  let best: number | undefined;
  for (const corners of samples) {
    const found =
      corners.length === 0 ? 0 : Math.max(...corners.map(({ position, weight }) => weight * plane[position]!));
    best = Math.max(best ?? found, found);
  }
  return best ?? 0;
}

export const MaxRoiPool: Kernel = ([input, boxes], context) => {
  const [x, rois] = [asTensor(input), asTensor(boxes)];
  const [, channels, height, width] = x.dims as [number, number, number, number];
  const [rows, columns] = context.ints('pooled_shape') ?? [];
  if (rows === undefined || columns === undefined) throw malformed('Expected pooled_shape of two sizes for MaxRoiPool');
  const scale = context.float('spatial_scale', 1);
  const [values, corners] = [numbers(x), numbers(rois)];
  const out: number[] = [];
  for (let roi = 0; roi < rois.dims[0]!; roi++) {
    const image = corners[roi * 5]!;
    const [left, top, right, bottom] = Array.from(corners.subarray(roi * 5 + 1, roi * 5 + 5), (value) =>
      Math.floor(value * scale + 0.5),
    ) as [number, number, number, number];
    const span = (bin: number, bins: number, begin: number, end: number, size: number): [number, number] => {
      const step = Math.max(end - begin + 1, 1) / bins;
      const clip = (value: number) => Math.min(Math.max(value + begin, 0), size);
      return [clip(Math.floor(bin * step)), clip(Math.ceil((bin + 1) * step))];
    };
    for (let channel = 0; channel < channels; channel++) {
      const plane = values.subarray((image * channels + channel) * height * width);
      for (let row = 0; row < rows; row++) {
        const [firstRow, endRow] = span(row, rows, top, bottom, height);
        for (let column = 0; column < columns; column++) {
          const [firstColumn, endColumn] = span(column, columns, left, right, width);
          let best = firstRow < endRow && firstColumn < endColumn ? Number.NEGATIVE_INFINITY : 0;
          for (let y = firstRow; y < endRow; y++) {
            for (let x = firstColumn; x < endColumn; x++) best = Math.max(best, plane[y * width + x]!);
          }
          out.push(best);
        }
      }
    }
  }
  return [fromNumbers(x.type, [rois.dims[0]!, channels, rows, columns], out)];
};
