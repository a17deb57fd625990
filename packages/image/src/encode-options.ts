import { type Image, PerceptError, parseOptions } from '@percept/core';
import * as z from 'zod/mini';
import { compositeOver } from './color.js';
import { requireUint8Image } from './pixels.js';

/** Options of {@link encodeImage}. */
export interface EncodeOptions {
  /** `png` is lossless and keeps alpha; `jpeg` lays alpha over white; `webp` is lossy and keeps alpha. */
  readonly format: 'png' | 'jpeg' | 'webp';
  /** 1 (worst) to 100 (best) for `jpeg` and `webp`, ignored for `png`. Default 90. */
  readonly quality?: number;
}

const schema = z.strictObject({
  format: z.enum(['png', 'jpeg', 'webp']),
  quality: z._default(z.int().check(z.gte(1), z.lte(100)), 90),
});

/** Checks what `encodeImage` was given. JPEG has no alpha, so it is composited here. */
export function prepareEncoding(
  image: Image,
  options: EncodeOptions,
): { readonly image: Image<Uint8Array>; readonly format: EncodeOptions['format']; readonly quality: number } {
  const source = requireUint8Image(image);
  const { format, quality } = parseOptions(schema, options, 'encodeImage() options');
  const composite = format === 'jpeg' && source.channels === 4;
  return { image: composite ? compositeOver(source, [255, 255, 255]) : source, format, quality };
}

/** The error of pixels that could not be encoded. */
export function encodeFailure(format: string, image: Image, cause: unknown): PerceptError {
  return new PerceptError(
    'IMAGE_ENCODE_FAILED',
    `Expected to encode ${image.width} × ${image.height} pixels as ${format} but the encoder refused; try another format or a smaller image`,
    { details: { format, width: image.width, height: image.height }, cause },
  );
}
