// Image → input tensor, by the spec that travels inside the model. The last step (scale, mean, std, planar float32) is one
// table lookup per sample: 8 bits have only 256 values.
import { type Image, PerceptError, type PreprocessSpec, type ResizeFilter, type Tensor } from '@percept/core';
import { toGray, toRgb } from './color.js';
import { requireUint8Image } from './pixels.js';
import { channelsOf, parsePreprocessSpec } from './preprocess-spec.js';
import { resizeTo } from './resize.js';

/** A checked spec with its lookup tables, one of 256 values per channel of the tensor. */
interface Plan {
  readonly spec: PreprocessSpec;
  readonly channels: 1 | 3;
  readonly tables: readonly Float32Array[];
}

const plans = new WeakMap<PreprocessSpec, Plan>();

/**
 * Makes the input tensor of one image, `[1, C, H, W]` float32. Steps, in the order of the spec's fields: colour, resize,
 * centre crop (padded with black where the image is smaller, as torchvision does), then
 * `(value * scale - mean) / std` per channel.
 *
 * A spec is checked at its first use and must not be changed after it.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for an image that is not 8-bit, or a spec that {@link parsePreprocessSpec} refuses
 */
export function preprocess(image: Image, spec: PreprocessSpec): Tensor<'float32'> {
  return preprocessBatch([image], spec);
}

/**
 * Makes the input tensor of several images, `[N, C, H, W]` float32.
 *
 * @throws PerceptError `INVALID_ARGUMENT` as {@link preprocess}, and when there are no images or the spec leaves them at
 *   different sizes
 */
export function preprocessBatch(images: readonly Image[], spec: PreprocessSpec): Tensor<'float32'> {
  const plan = planOf(spec);
  const ready = images.map((image) => shape(requireUint8Image(image), plan));
  const first = ready[0];
  if (first === undefined) throw new PerceptError('INVALID_ARGUMENT', 'Expected at least one image but received none');
  const { width, height } = first;
  const size = plan.channels * width * height;
  const data = new Float32Array(ready.length * size);
  ready.forEach((image, index) => {
    if (image.width !== width || image.height !== height) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected images of one size (${width} × ${height}) in a batch but received ${image.width} × ${image.height} at index ${index}; give the spec a crop, or an exact or letterbox resize`,
      );
    }
    normalizeInto(image, plan, data, index * size);
  });
  return { type: 'float32', dims: [ready.length, plan.channels, height, width], data };
}

/**
 * Writes the `[C, H, W]` values of one image into `out` from `offset` on, for filling a batch in place.
 *
 * @returns how many values were written
 * @throws PerceptError `INVALID_ARGUMENT` as {@link preprocess}, and when they do not fit
 */
export function preprocessInto(image: Image, spec: PreprocessSpec, out: Float32Array, offset: number): number {
  const plan = planOf(spec);
  const ready = shape(requireUint8Image(image), plan);
  const count = plan.channels * ready.width * ready.height;
  if (!Number.isInteger(offset) || offset < 0 || offset + count > out.length) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected room for ${count} values from offset ${offset} but received an array of ${out.length}`,
    );
  }
  normalizeInto(ready, plan, out, offset);
  return count;
}

function planOf(spec: PreprocessSpec): Plan {
  const known = plans.get(spec);
  if (known) return known;
  const parsed = parsePreprocessSpec(spec);
  const tables = parsed.mean.map((mean, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => (value * parsed.scale - mean) / parsed.std[channel]!),
  );
  const plan = { spec: parsed, channels: channelsOf(parsed.color), tables };
  plans.set(spec, plan);
  return plan;
}

/** Colour, resize and crop. */
function shape(source: Image<Uint8Array>, { spec }: Plan): Image<Uint8Array> {
  const colored = spec.color === 'gray' ? toGray(source) : toRgb(source);
  const resized = spec.resize ? resizeBy(colored, spec.resize) : colored;
  return spec.crop ? placeCentered(resized, spec.crop.width, spec.crop.height, roundHalfEven, 0) : resized;
}

function resizeBy(image: Image<Uint8Array>, resize: NonNullable<PreprocessSpec['resize']>): Image<Uint8Array> {
  const { width, height } = image;
  const filter = resize.filter ?? 'bilinear';
  if (resize.mode === 'exact') return resizeIfNeeded(image, resize.width, resize.height, filter);
  if (resize.mode === 'shorter-side') {
    // torchvision cuts the longer side's fraction off.
    const long = Math.trunc((resize.size * Math.max(width, height)) / Math.min(width, height));
    return width <= height
      ? resizeIfNeeded(image, resize.size, long, filter)
      : resizeIfNeeded(image, long, resize.size, filter);
  }
  const factor = Math.min(resize.width / width, resize.height / height);
  const inside = (side: number, limit: number): number => Math.min(limit, Math.max(1, Math.round(side * factor)));
  const fitted = resizeIfNeeded(image, inside(width, resize.width), inside(height, resize.height), filter);
  return placeCentered(fitted, resize.width, resize.height, Math.floor, resize.padValue ?? 0);
}

function resizeIfNeeded(
  image: Image<Uint8Array>,
  width: number,
  height: number,
  filter: ResizeFilter,
): Image<Uint8Array> {
  return width === image.width && height === image.height ? image : resizeTo(image, width, height, filter);
}

/** Cuts or pads evenly to a size; `round` decides where an odd pixel of a cut goes, an odd pixel of padding goes last. */
function placeCentered(
  image: Image<Uint8Array>,
  width: number,
  height: number,
  round: (value: number) => number,
  pad: number,
): Image<Uint8Array> {
  if (width === image.width && height === image.height) return image;
  const { channels, data } = image;
  const out = new Uint8Array(width * height * channels).fill(pad);
  const columns = overlap(image.width, width, round);
  const rows = overlap(image.height, height, round);
  for (let y = 0; y < rows.count; y++) {
    const from = ((rows.from + y) * image.width + columns.from) * channels;
    const to = ((rows.to + y) * width + columns.to) * channels;
    out.set(data.subarray(from, from + columns.count * channels), to);
  }
  return { width, height, channels, data: out };
}

function overlap(
  from: number,
  to: number,
  round: (value: number) => number,
): { readonly from: number; readonly to: number; readonly count: number } {
  if (from >= to) return { from: round((from - to) / 2), to: 0, count: to };
  return { from: 0, to: Math.floor((to - from) / 2), count: from };
}

/** Python's `round`, by which torchvision places a centre crop. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

function normalizeInto(image: Image<Uint8Array>, plan: Plan, out: Float32Array, offset: number): void {
  const { data, width, height } = image;
  const plane = width * height;
  if (plan.channels === 1) {
    const table = plan.tables[0]!;
    for (let i = 0; i < plane; i++) out[offset + i] = table[data[i]!]!;
    return;
  }
  for (let channel = 0; channel < 3; channel++) {
    const table = plan.tables[channel]!;
    let from = plan.spec.color === 'bgr' ? 2 - channel : channel;
    const end = offset + (channel + 1) * plane;
    for (let to = offset + channel * plane; to < end; to++, from += 3) out[to] = table[data[from]!]!;
  }
}
