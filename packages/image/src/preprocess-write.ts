import type { Image, PreprocessType, TensorDataTypes } from '@percept/core';
import type { Placement, PreprocessGeometry, Size } from './preprocess-geometry.js';
import type { Plan } from './preprocess-plan.js';

type Elements = TensorDataTypes[PreprocessType];

/** The part of a rectangle that lies inside the tensor. */
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

/**
 * Writes a resized grey or RGB image as one entry of a tensor, from `offset` on: the image where `geometry` puts it, the
 * spec's `padValue` in the letterbox around it, and black where a crop reaches beyond both.
 */
export function writeTensor(
  resized: Image<Uint8Array>,
  plan: Plan,
  { tensor, content, box }: PreprocessGeometry,
  out: Elements,
  offset: number,
): void {
  const { channels, tables, sources, spec } = plan;
  const inside = windowOf(content, tensor);
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
    if (!covers(inside, tensor)) fill(out, lane, framed, table[pad]!);
    const from = inside.left - content.left + (inside.top - content.top) * resized.width;
    copy(resized, from * resized.channels + sources[channel]!, table, out, lane, inside);
  }
}

function windowOf({ left, top, width, height }: Placement, tensor: Size): Window {
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
