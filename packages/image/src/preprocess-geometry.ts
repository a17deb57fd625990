import type { PreprocessSpec, PreprocessType } from '@percept/core';
import { roundHalfEven } from './rounding.js';

/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle in the tensor's pixels; it may reach outside the tensor. */
export interface Placement extends Size {
  readonly left: number;
  readonly top: number;
}

/** Where a spec puts an image of one size. */
export interface PreprocessGeometry {
  /** Spatial size of the tensor. */
  readonly tensor: Size;
  /** The whole resized image; what reaches outside the tensor is cropped away. */
  readonly content: Placement;
  /** The letterbox around the image, padded with `padValue`; equal to `content` where there is none. */
  readonly box: Placement;
}

/**
 * Sizes and places of a spec's resize, letterbox and centre crop, for an image of `width` × `height`. The rounding is that
 * of the references: torchvision cuts the fraction off the longer side and rounds a crop's place half to even; an odd
 * pixel of padding goes to the right and the bottom.
 */
export function geometryOf(spec: PreprocessSpec<PreprocessType>, { width, height }: Size): PreprocessGeometry {
  const { resize, crop } = spec;
  let inner: Size = { width, height };
  let outer: Size = inner;
  if (resize?.mode === 'exact') {
    inner = { width: resize.width, height: resize.height };
    outer = inner;
  } else if (resize?.mode === 'shorter-side') {
    const long = Math.trunc((resize.size * Math.max(width, height)) / Math.min(width, height));
    inner = width <= height ? { width: resize.size, height: long } : { width: long, height: resize.size };
    outer = inner;
  } else if (resize?.mode === 'letterbox') {
    const factor = Math.min(resize.width / width, resize.height / height);
    const inside = (side: number, limit: number): number => Math.min(limit, Math.max(1, roundHalfEven(side * factor)));
    inner = { width: inside(width, resize.width), height: inside(height, resize.height) };
    outer = { width: resize.width, height: resize.height };
  }
  const tensor = crop ?? outer;
  const left = offset(outer.width, tensor.width);
  const top = offset(outer.height, tensor.height);
  return {
    tensor: { width: tensor.width, height: tensor.height },
    content: {
      ...inner,
      left: left + ((outer.width - inner.width) >> 1),
      top: top + ((outer.height - inner.height) >> 1),
    },
    box: { ...outer, left, top },
  };
}

/** Where the first pixel of a centred `from` pixels falls in `to` pixels. */
function offset(from: number, to: number): number {
  return from > to ? -roundHalfEven((from - to) / 2) : (to - from) >> 1;
}
