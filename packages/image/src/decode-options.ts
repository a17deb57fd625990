import { type Image, PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import * as z from 'zod/mini';
import type { ImageHeader } from './headers/header.js';
import { countScans, mostScans } from './headers/jpeg.js';
import { readHeader } from './probe.js';

/** Bits of a decoded sample; `source` is 16 for files that store more than 8 bits, otherwise 8. */
export type DecodeDepth = 8 | 16 | 'source';

/** The array that {@link decodeImage} fills at a depth. */
export type DecodedData<Depth extends DecodeDepth> = Depth extends 8
  ? Uint8Array
  : Depth extends 16
    ? Uint16Array
    : Uint8Array | Uint16Array;

/** Options of {@link decodeImage}. */
export interface DecodeOptions<Depth extends DecodeDepth = 8> {
  /**
   * `rgb` (default): 3 channels. `gray`: 1 channel, ITU-R 601 luma. `source`: 1 for files that store grey, 4 where some
   * pixel is not opaque, otherwise 3.
   */
  readonly color?: 'rgb' | 'gray' | 'source';
  /**
   * Default 8: a `Uint8Array`; of 16 stored bits the high byte is kept. 16: a `Uint16Array`, 0..65535; 8 stored bits are
   * multiplied by 257. `source`: whichever the file stores.
   */
  readonly depth?: Depth;
  /** Red, green and blue (0..255) behind transparent pixels, for `rgb` and `gray`. Default white. */
  readonly background?: readonly [number, number, number];
  /**
   * The size, in upright pixels, that the image is going to be resized to. Where the codec can, a JPEG that is much larger
   * is then decoded at a reduced scale, to no less than twice this size: less memory, and pixels that are averages of the
   * whole image's, so that an antialiased resize gives nearly (not exactly) the same result. In Node this takes `sharp` and
   * a JPEG of at least ten times the size; elsewhere the whole image is decoded.
   */
  readonly targetSize?: { readonly width: number; readonly height: number };
  /**
   * In Node, how exactly JPEG is decoded. `fast` (default): by `@julusian/jpeg-turbo` where that is installed, whose fast
   * inverse DCT is off by about 1 level of 255, at times by more than 10. `accurate`: always by `sharp`, bit for bit as Pillow,
   * Chromium and OpenCV do it, in twice the time. Browsers are accurate anyway.
   */
  readonly dctMethod?: 'fast' | 'accurate';
  /**
   * In Node, whether libjpeg-turbo decodes on the calling thread (`true`) or on libuv's pool (`false`, default). The pool
   * keeps the event loop free and decodes several images at a time; the calling thread saves two changes of thread, for
   * scripts and worker threads that take one image after another. Without meaning elsewhere.
   */
  readonly inline?: boolean;
  /** Decodes JPEG in place of the runtime's own decoder, except CMYK and files with a colour profile. */
  readonly jpegDecoder?: JpegDecoder | undefined;
  /** Longest file that is accepted, in bytes. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Most pixels (width × height) that are accepted, judged by the header before anything is allocated. Default 100 million. */
  readonly maxPixels?: number;
  /** Most frames or pages of an animation or document that are accepted, though only the first is decoded. Default 1000. */
  readonly maxFrames?: number;
  /** Most bytes of colour profile, EXIF, text and other blocks that are accepted. Default 16 MiB. */
  readonly maxMetadataBytes?: number;
  /** Looked at before and after decoding; rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** A JPEG decoder that can be handed to {@link decodeImage}. */
export interface JpegDecoder {
  /**
   * Decodes a whole baseline or progressive JPEG of grey or YCbCr to stored (not yet upright) pixels of 1, 3 or 4 channels.
   * Rejects, with any error, when the data is damaged or ends early.
   */
  decode(bytes: Uint8Array): Promise<Image<Uint8Array>>;
}

/** {@link DecodeOptions} with the defaults filled in. */
export interface DecodeSettings {
  readonly color: 'rgb' | 'gray' | 'source';
  /** 8 or 16: `source` is settled by the header. */
  readonly depth: 8 | 16;
  readonly background: readonly number[];
  readonly maxPixels: number;
  readonly targetSize: { readonly width: number; readonly height: number } | undefined;
  readonly dctMethod: 'fast' | 'accurate';
  readonly inline: boolean;
  readonly jpegDecoder: JpegDecoder | undefined;
}

const byte = z.number().check(z.gte(0), z.lte(255));
const positive = z.int().check(z.positive());
const schema = z.strictObject({
  color: z._default(z.enum(['rgb', 'gray', 'source']), 'rgb'),
  depth: z._default(z.union([z.literal(8), z.literal(16), z.literal('source')]), 8),
  background: z._default(z.tuple([byte, byte, byte]), [255, 255, 255]),
  targetSize: z.optional(z.object({ width: positive, height: positive })),
  dctMethod: z._default(z.enum(['fast', 'accurate']), 'fast'),
  inline: z._default(z.boolean(), false),
  jpegDecoder: z.optional(z.custom<JpegDecoder>((value) => typeof (value as JpegDecoder)?.decode === 'function')),
  maxBytes: z._default(positive, 64 * 1024 * 1024),
  maxPixels: z._default(positive, 100_000_000),
  maxFrames: z._default(positive, 1000),
  maxMetadataBytes: z._default(positive, 16 * 1024 * 1024),
  signal: z.optional(z.any()),
});

/** Checks options and file against the limits, from the header alone. */
export function openImage(
  bytes: Uint8Array,
  options: DecodeOptions<DecodeDepth>,
): { readonly header: ImageHeader; readonly settings: DecodeSettings } {
  const parsed = parseOptions(schema, options, 'decodeImage() options');
  throwIfAborted(options.signal);
  const { maxBytes, maxPixels, maxFrames, maxMetadataBytes } = parsed;
  limit(bytes.length, maxBytes, 'maxBytes', 'bytes');
  const header = readHeader(bytes);
  const { width, height, frames = 0, metadataBytes } = header;
  limit(width * height, maxPixels, 'maxPixels', `pixels (${width} × ${height} by the header)`, { width, height });
  limit(frames, maxFrames, 'maxFrames', 'frames');
  limit(metadataBytes, maxMetadataBytes, 'maxMetadataBytes', 'bytes of metadata');
  if (header.progressive && countScans(bytes) > mostScans) {
    throw decodeFailure(header, bytes.length, `it has more than ${mostScans} scans`);
  }
  if (header.damage !== undefined) throw decodeFailure(header, bytes.length, header.damage);
  if (header.whole === false) throw decodeFailure(header, bytes.length, 'the data ends before its end mark');
  const { color, background, targetSize, dctMethod, inline, jpegDecoder } = parsed;
  const depth = parsed.depth === 'source' ? (header.bitDepth > 8 ? 16 : 8) : parsed.depth;
  return { header, settings: { color, depth, background, maxPixels, targetSize, dctMethod, inline, jpegDecoder } };
}

function limit(value: number, most: number, option: string, what: string, size: Record<string, number> = {}): void {
  if (value <= most) return;
  throw new PerceptError(
    'IMAGE_TOO_LARGE',
    `Expected at most ${most} ${what.split(' (')[0]} but received an image of ${value} ${what}; raise ${option} to accept it`,
    { details: { ...size, received: value, [option]: most } },
  );
}

/** The error of a file whose pixels could not be decoded. */
export function decodeFailure(header: ImageHeader, byteLength: number, problem: string, cause?: unknown): PerceptError {
  return new PerceptError(
    'IMAGE_DECODE_FAILED',
    `Expected a whole ${header.format.toUpperCase()} of ${header.width} × ${header.height} but ${problem} (${byteLength} bytes); the file is cut off or damaged`,
    { details: { format: header.format, width: header.width, height: header.height, byteLength }, cause },
  );
}

/** The error of a format that is known but not decoded here. */
export function unsupportedFormat({ format }: ImageHeader, advice: string, cause?: unknown): PerceptError {
  return new PerceptError(
    'IMAGE_UNSUPPORTED',
    `Expected a format that can be decoded here but received a ${format.toUpperCase()}; ${advice}`,
    { details: { format }, cause },
  );
}
