import { type Image, isPerceptError } from '@percept/core';
import type { Sharp } from 'sharp';
import { type DecodeSettings, decodeFailure, unsupportedFormat } from './decode-options.js';
import type { ImageHeader } from './headers/header.js';
import { loadSharp } from './peers.node.js';
import type { Size } from './preprocess-geometry.js';

/** Decodes whatever libvips reads to stored (not yet upright) pixels. */
export async function decodeWithSharp(
  bytes: Uint8Array,
  header: ImageHeader,
  settings: DecodeSettings,
): Promise<Image<Uint8Array | Uint16Array>> {
  const plainCmyk = header.components === 4 && !header.profile;
  if (plainCmyk)
    return cmykToRgb(
      await read(bytes, header, settings, (image) => image.pipelineColourspace('cmyk').toColourspace('cmyk')),
    );
  if (settings.depth === 16 && header.bitDepth > 8) {
    return read(bytes, header, settings, (image) => image.toColourspace('rgb16'));
  }
  return read(bytes, header, settings, (image) => image.toColourspace('srgb'));
}

/** sharp keeps a factor of two for its own resampling; below this much in all, decoding everything is faster. */
const leastShrink = 5;
const gap = 2;

/** Whether a JPEG is so much larger than its target that decoding it at a reduced scale saves time. */
export function shrinksEnough(header: ImageHeader, target: Size | undefined): target is Size {
  return target !== undefined && shrinkOf(header, target) >= leastShrink;
}

function shrinkOf({ width, height, orientation }: ImageHeader, target: Size): number {
  const turned = orientation >= 5;
  return Math.min((turned ? height : width) / target.width, (turned ? width : height) / target.height) / gap;
}

/** Decodes at 1/4 or 1/8 (libjpeg's scaled inverse DCT, chosen by sharp), then down to twice the target by averaging. */
export async function decodeScaled(
  bytes: Uint8Array,
  header: ImageHeader,
  settings: DecodeSettings,
): Promise<Image<Uint8Array | Uint16Array>> {
  const shrink = shrinkOf(header, settings.targetSize!);
  const width = Math.round(header.width / shrink);
  const height = Math.round(header.height / shrink);
  return read(bytes, header, settings, (image) =>
    image.resize(width, height, { fit: 'fill', kernel: 'lanczos3' }).toColourspace('srgb'),
  );
}

async function read(
  bytes: Uint8Array,
  header: ImageHeader,
  { maxPixels, depth }: DecodeSettings,
  convert: (image: Sharp) => Sharp,
): Promise<Image<Uint8Array | Uint16Array>> {
  const sharp = await loadSharp();
  const deep = depth === 16 && header.bitDepth > 8;
  try {
    const { data, info } = await convert(
      sharp(asStillImage(bytes, header), { limitInputPixels: maxPixels, failOn: 'error' }),
    )
      .raw({ depth: deep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = deep
      ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return withKnownChannels(pixels, info.width, info.height, info.channels);
  } catch (error) {
    if (isPerceptError(error)) throw error;
    if (header.format === 'heic' && !sharp.format.heif.input.fileSuffix?.includes('.heic')) {
      throw unsupportedFormat(
        header,
        "sharp's prebuilt binary has no HEVC decoder, for its patents: convert the file to JPEG or AVIF first, or build sharp against a libvips with libde265",
        error,
      );
    }
    throw decodeFailure(header, bytes.length, 'its pixels cannot be decoded', error);
  }
}

/** An image sequence (`avis`) renamed to the still image (`avif`) that stands in it too: libvips only opens that. */
function asStillImage(bytes: Uint8Array, { format }: ImageHeader): Uint8Array {
  if (format !== 'avif' || bytes[11] !== 0x73) return bytes;
  const still = bytes.slice();
  still[11] = 0x66;
  return still;
}

/** Grey with alpha becomes RGBA: {@link Image} has no two-channel form. */
function withKnownChannels<Data extends Uint8Array | Uint16Array>(
  data: Data,
  width: number,
  height: number,
  channels: number,
): Image<Data> {
  if (channels !== 2) return { width, height, channels: channels as 1 | 3 | 4, data };
  const rgba = new (data.constructor as new (length: number) => Data)(width * height * 4);
  for (let from = 0, to = 0; from < data.length; from += 2, to += 4) {
    rgba.fill(data[from]!, to, to + 3);
    rgba[to + 3] = data[from + 1]!;
  }
  return { width, height, channels: 4, data: rgba };
}

/** Without a profile, CMYK is taken for the complement of RGB under black, by Pillow's rounding. */
function cmykToRgb({ width, height, data }: Image<Uint8Array | Uint16Array>): Image<Uint8Array> {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4) {
    const light = 255 - data[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      const product = data[from + channel]! * light + 128;
      rgb[to++] = light - (((product >> 8) + product) >> 8);
    }
  }
  return { width, height, channels: 3, data: rgb };
}
