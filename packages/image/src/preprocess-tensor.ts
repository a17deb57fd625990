import {
  describeValue,
  elementCount,
  type Image,
  PerceptError,
  type PreprocessSpec,
  type PreprocessType,
  type Tensor,
  type TensorDataTypes,
  tensorData,
} from '@percept/core';
import { toGray, toRgb } from './color.js';
import { resizeWindow } from './kernels/resize.js';
import { resizeNormalizeInto } from './kernels/resize-normalize.js';
import { allocate } from './kernels/samples.js';
import { normalizeWindowInto } from './normalize-window.js';
import { requireUint8Image } from './pixels.js';
import { geometryOf, type Placement, type PreprocessGeometry, type Size } from './preprocess-geometry.js';
import { type Plan, planOf } from './preprocess-plan.js';
import { windowOf, writeTensor } from './preprocess-write.js';

/**
 * Makes the input tensor of several images: `[N, C, H, W]`, or `[N, H, W, C]` with `layout: 'NHWC'`, of the spec's `dtype`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` as {@link preprocess}, and when there are no images or the spec leaves them at
 *   different sizes; `IMAGE_TOO_LARGE` when there is no memory for the tensor
 */
export function preprocessBatch<Type extends PreprocessType = 'float32'>(
  images: readonly Image[],
  spec: PreprocessSpec<Type>,
): Tensor<Type> {
  const plan = planOf(spec);
  const geometries = images.map((image) => geometryOf(plan.spec, requireUint8Image(image)));
  const first = geometries[0]?.tensor;
  if (first === undefined) throw new PerceptError('INVALID_ARGUMENT', 'Expected at least one image but received none');
  geometries.forEach(({ tensor: { width, height } }, index) => {
    if (width === first.width && height === first.height) return;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected images of one size (${first.width} × ${first.height}) in a batch but received ${width} × ${height} at index ${index}; give the spec a crop, or an exact or letterbox resize`,
    );
  });
  const dims = dimsOf(plan, first, images.length);
  const data = emptyTensor(plan, dims);
  images.forEach((image, index) => {
    writeImage(image as Image<Uint8Array>, plan, geometries[index]!, data, (index * data.length) / images.length);
  });
  return { type: plan.type, dims, data } as Tensor as Tensor<Type>;
}

/**
 * Writes the elements of one image into `out` from `offset` on, for filling a batch in place.
 *
 * @returns how many elements were written
 * @throws PerceptError `INVALID_ARGUMENT` as {@link preprocess}, and when they do not fit
 */
export function preprocessInto<Type extends PreprocessType = 'float32'>(
  image: Image,
  spec: PreprocessSpec<Type>,
  out: TensorDataTypes[NoInfer<Type>],
  offset: number,
): number {
  const plan = planOf(spec);
  const source = requireUint8Image(image);
  const geometry = geometryOf(plan.spec, source);
  const count = elementCount(dimsOf(plan, geometry.tensor, 1));
  const same = out?.constructor === plan.tables[0]!.constructor;
  if (!same || !Number.isInteger(offset) || offset < 0 || offset + count > out.length) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected room for ${count} values of ${plan.type} from offset ${offset} but received ${describeValue(out)} of ${out?.length ?? 0}`,
    );
  }
  writeImage(source, plan, geometry, out, offset);
  return count;
}

/**
 * The tensor of one image, `original` telling the size that the spec's geometry is worked out for: that of `image`, unless
 * it was decoded at a reduced scale.
 */
export function tensorOf(image: Image<Uint8Array>, plan: Plan, original: Size): Tensor {
  const geometry = geometryOf(plan.spec, original);
  const dims = dimsOf(plan, geometry.tensor, 1);
  const data = emptyTensor(plan, dims);
  writeImage(image, plan, geometry, data, 0);
  return { type: plan.type, dims, data } as Tensor;
}

function dimsOf({ channels, spec }: Plan, { width, height }: Size, count: number): number[] {
  return spec.layout === 'NHWC' ? [count, height, width, channels] : [count, channels, height, width];
}

function emptyTensor({ type }: Plan, dims: readonly number[]): TensorDataTypes[PreprocessType] {
  const length = elementCount(dims);
  return allocate(length, () => tensorData(type, length));
}

function writeImage(
  image: Image<Uint8Array>,
  plan: Plan,
  geometry: PreprocessGeometry,
  out: TensorDataTypes[PreprocessType],
  offset: number,
): void {
  const { content, box, tensor } = geometry;
  const { width, height } = content;
  const { filter = 'bilinear', antialias = true } = plan.spec.resize ?? {};
  const pad = plan.spec.resize?.mode === 'letterbox' ? (plan.spec.resize.padValue ?? 0) : 0;
  const unchanged = width === image.width && height === image.height;
  // The kernels know one padding; a crop that reaches beyond a coloured letterbox has two.
  if (out instanceof Float32Array && (pad === 0 || covers(box, tensor))) {
    const window = { left: -content.left, top: -content.top, ...tensor };
    const { normalization } = plan;
    if (unchanged) {
      normalizeWindowInto(plan.channels === 1 ? toGray(image) : image, window, pad, normalization, out, offset);
    } else {
      const options = { width, height, filter, antialias, window, padValue: pad, normalization };
      resizeNormalizeInto(image, options, out, offset);
    }
    return;
  }
  const colored = plan.channels === 1 ? toGray(image) : toRgb(image);
  if (unchanged) {
    writeTensor({ ...content, image: colored }, plan, geometry, out, offset);
    return;
  }
  // Only what the crop leaves is resized: the longer side of a thin image may be millions of pixels.
  const { left, top, right, bottom } = windowOf(content, tensor);
  const seen = { left, top, width: Math.max(0, right - left), height: Math.max(0, bottom - top) };
  if (seen.width === 0 || seen.height === 0) {
    writeTensor(undefined, plan, geometry, out, offset);
    return;
  }
  const window = { ...seen, left: left - content.left, top: top - content.top };
  const resized = resizeWindow(colored, { width, height, filter, antialias }, window);
  writeTensor({ ...seen, image: resized }, plan, geometry, out, offset);
}

function covers({ left, top, width, height }: Placement, tensor: Size): boolean {
  return left <= 0 && top <= 0 && left + width >= tensor.width && top + height >= tensor.height;
}
