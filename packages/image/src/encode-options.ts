import { type Image, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { compositeOver } from './color.js';
import { requireUint8Image, requireUint16Image } from './pixels.js';

/** Options of {@link encodeImage}. */
export interface EncodeOptions {
  /**
   * `png` is lossless, keeps alpha, and is 16 bits deep for an image of a `Uint16Array`; `jpeg` lays alpha over white; `webp`
   * and `avif` are lossy and keep alpha.
   */
  readonly format: 'png' | 'jpeg' | 'webp' | 'avif';
  /** 1 (worst) to 100 (best) for `jpeg`, `webp` and `avif`, ignored for `png`. Default 90. */
  readonly quality?: number;
}

const schema = z.strictObject({
  format: z.enum(['png', 'jpeg', 'webp', 'avif']),
  quality: z._default(z.int().check(z.gte(1), z.lte(100)), 90),
});

/** What `encodeImage` encodes, and how. */
export type Prepared =
  | { readonly format: 'png'; readonly image: Image<Uint8Array | Uint16Array> }
  | { readonly format: 'jpeg' | 'webp' | 'avif'; readonly image: Image<Uint8Array>; readonly quality: number };

/** Checks what `encodeImage` was given. JPEG has no alpha, so it is composited here. */
export function prepareEncoding(image: Image, options: EncodeOptions): Prepared {
  const { format, quality } = parseOptions(schema, options, 'encodeImage() options');
  if (format === 'png') return { format, image: requireSamples(image) };
  const source = requireUint8Image(image);
  const composite = format === 'jpeg' && source.channels === 4;
  return { format, image: composite ? compositeOver(source, [255, 255, 255]) : source, quality };
}

function requireSamples(image: Image): Image<Uint8Array | Uint16Array> {
  return image.data instanceof Uint16Array ? requireUint16Image(image) : requireUint8Image(image);
}

/** The error of pixels that could not be encoded. */
export function encodeFailure(format: string, image: Image, cause: unknown): PerceptError {
  return new PerceptError(
    'IMAGE_ENCODE_FAILED',
    `Expected to encode ${image.width} × ${image.height} pixels as ${format} but the encoder refused; try another format or a smaller image`,
    { details: { format, width: image.width, height: image.height }, cause },
  );
}
