import { PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import * as z from 'zod/mini';
import type { ImageHeader } from './headers/header.js';
import { readHeader } from './probe.js';

/** Options of {@link decodeImage}. */
export interface DecodeOptions {
  /**
   * `rgb` (default): 3 channels. `gray`: 1 channel, ITU-R 601 luma. `source`: 1 for files that store grey, 4 where some
   * pixel is not opaque, otherwise 3.
   */
  readonly color?: 'rgb' | 'gray' | 'source';
  /** Longest file that is accepted, in bytes. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Most pixels (width × height) that are accepted, judged by the header before anything is allocated. Default 100 million. */
  readonly maxPixels?: number;
  /** Red, green and blue (0..255) behind transparent pixels, for `rgb` and `gray`. Default white. */
  readonly background?: readonly [number, number, number];
  /** Looked at before and after decoding; rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** {@link DecodeOptions} with the defaults filled in. */
export interface DecodeSettings {
  readonly color: 'rgb' | 'gray' | 'source';
  readonly background: readonly number[];
  readonly maxPixels: number;
}

const byte = z.number().check(z.gte(0), z.lte(255));
const schema = z.strictObject({
  color: z._default(z.enum(['rgb', 'gray', 'source']), 'rgb'),
  maxBytes: z._default(z.int().check(z.positive()), 64 * 1024 * 1024),
  maxPixels: z._default(z.int().check(z.positive()), 100_000_000),
  background: z._default(z.tuple([byte, byte, byte]), [255, 255, 255]),
  signal: z.optional(z.any()),
});

/** Checks options and file against the limits, from the header alone. */
export function openImage(
  bytes: Uint8Array,
  options: DecodeOptions,
): { readonly header: ImageHeader; readonly settings: DecodeSettings } {
  const settings = parseOptions(schema, options, 'decodeImage() options');
  throwIfAborted(options.signal);
  if (bytes.length > settings.maxBytes) {
    throw new PerceptError(
      'IMAGE_TOO_LARGE',
      `Expected at most ${settings.maxBytes} bytes but received an image of ${bytes.length}; raise maxBytes to accept it`,
      { details: { byteLength: bytes.length, maxBytes: settings.maxBytes } },
    );
  }
  const header = readHeader(bytes);
  if (header.width * header.height > settings.maxPixels) {
    throw new PerceptError(
      'IMAGE_TOO_LARGE',
      `Expected at most ${settings.maxPixels} pixels but received a header of ${header.width} × ${header.height}; raise maxPixels to accept it`,
      { details: { width: header.width, height: header.height, maxPixels: settings.maxPixels } },
    );
  }
  if (header.whole === false) throw decodeFailure(header, bytes.length, 'the data ends before its end mark');
  return { header, settings };
}

/** The error of a file whose pixels could not be decoded. */
export function decodeFailure(header: ImageHeader, byteLength: number, problem: string, cause?: unknown): PerceptError {
  return new PerceptError(
    'IMAGE_DECODE_FAILED',
    `Expected a whole ${header.format.toUpperCase()} of ${header.width} × ${header.height} but ${problem} (${byteLength} bytes); the file is cut off or damaged`,
    { details: { format: header.format, width: header.width, height: header.height, byteLength }, cause },
  );
}
