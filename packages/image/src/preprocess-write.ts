import type { Image, PreprocessType, TensorDataTypes } from '@percept/core';
import type { Placement, PreprocessGeometry, Size } from './preprocess-geometry.js';
import type { Plan } from './preprocess-plan.js';

type Elements = TensorDataTypes[PreprocessType];

/** A rectangle inside the tensor. */
interface Window {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Where one channel's elements lie: `offset + y * row + x * step`. */
interface Lane {
  readonly offset: number;
  readonly row: number;
  readonly step: number;
}

/** A resized grey or RGB image, or the part of it that a tensor shows, and where in the tensor it lies. */
interface Content extends Placement {
  readonly image: Image<Uint8Array>;
}

/**
 * Writes one entry of a tensor, from `offset` on: `content` at its place (`undefined`: nothing of it is seen), the spec's
 * `padValue` in the letterbox around it, and black where a crop reaches beyond both.
 */
export function writeTensor(
  content: Content | undefined,
  plan: Plan,
  { tensor, box }: PreprocessGeometry,
  out: Elements,
  offset: number,
): void {
  const { channels, tables, sources, spec } = plan;
  const inside = content && windowOf(content, tensor);
  const framed = windowOf(box, tensor);
  const pad = spec.resize?.mode === 'letterbox' ? (spec.resize.padValue ?? 0) : 0;
  const plane = tensor.width * tensor.height;
  for (let channel = 0; channel < channels; channel++) {
    const table = tables[channel]!;
    const lane: Lane =
      spec.layout === 'NHWC'
        ? { offset: offset + channel, row: tensor.width * channels, step: channels }
        : { offset: offset + channel * plane, row: tensor.width, step: 1 };
    if (!covers(framed, tensor)) fill(out, lane, windowOf({ left: 0, top: 0, ...tensor }, tensor), table[0]!);
    if (!inside || !covers(inside, tensor)) fill(out, lane, framed, table[pad]!);
    if (!inside) continue;
    const { image, left, top } = content;
    const from = inside.left - left + (inside.top - top) * image.width;
    copy(image, from * image.channels + sources[channel]!, table, out, lane, inside);
  }
}

/** The part of a placed rectangle that a tensor shows; `right` may be left of `left`. */
export function windowOf({ left, top, width, height }: Placement, tensor: Size): Window {
  return {
    left: Math.max(0, left),
    top: Math.max(0, top),
    right: Math.min(tensor.width, left + width),
    bottom: Math.min(tensor.height, top + height),
  };
}

function covers({ left, top, right, bottom }: Window, { width, height }: Size): boolean {
  return left === 0 && top === 0 && right === width && bottom === height;
}

function fill(out: Elements, { offset, row, step }: Lane, { left, top, right, bottom }: Window, value: number): void {
  for (let y = top; y < bottom; y++) {
    const start = offset + y * row;
    const end = start + right * step;
    for (let to = start + left * step; to < end; to += step) out[to] = value;
  }
}

function copy(
  { data, width, channels }: Image<Uint8Array>,
  first: number,
  table: Elements,
  out: Elements,
  { offset, row, step }: Lane,
  { left, top, right, bottom }: Window,
): void {
  for (let y = top; y < bottom; y++) {
    let from = first + (y - top) * width * channels;
    const start = offset + y * row;
    const end = start + right * step;
    for (let to = start + left * step; to < end; to += step, from += channels) out[to] = table[data[from]!]!;
  }
}
