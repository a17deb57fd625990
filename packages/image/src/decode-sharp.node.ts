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
  const storedDeep = header.bitDepth > 8;
  if (header.components === 4 && !header.profile) {
    // libvips has no name for CMYK of 16 bits: cast to 8, it would clip instead of keeping the high bytes.
    const convert = (image: Sharp): Sharp => image.pipelineColourspace('cmyk').toColourspace('cmyk');
    const { data, info } = await readWhole(bytes, header, settings, storedDeep, convert);
    return cmykToRgb(storedDeep && settings.depth === 8 ? Uint8Array.from(data, highByte) : data, info);
  }
  const deep = storedDeep && settings.depth === 16;
  const convert = (image: Sharp): Sharp => image.toColourspace(deep ? 'rgb16' : 'srgb');
  return withKnownChannels(await readWhole(bytes, header, settings, deep, convert));
}

function highByte(value: number): number {
  return value >> 8;
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
  const convert = (image: Sharp): Sharp =>
    image.resize(width, height, { fit: 'fill', kernel: 'lanczos3' }).toColourspace('srgb');
  return withKnownChannels(await read(bytes, header, settings, false, convert));
}

/** Samples as libvips gives them, of however many channels. */
interface Raw {
  readonly data: Uint8Array | Uint16Array;
  readonly info: { readonly width: number; readonly height: number; readonly channels: number };
}

/** Reads at the size that the header told, by which the limits were judged. */
async function readWhole(
  bytes: Uint8Array,
  header: ImageHeader,
  settings: DecodeSettings,
  deep: boolean,
  convert: (image: Sharp) => Sharp,
): Promise<Raw> {
  const raw = await read(bytes, header, settings, deep, convert);
  const { width, height } = raw.info;
  if (width === header.width && height === header.height) return raw;
  throw decodeFailure(header, bytes.length, `its pixels are ${width} × ${height}`);
}

async function read(
  bytes: Uint8Array,
  header: ImageHeader,
  { maxPixels }: DecodeSettings,
  deep: boolean,
  convert: (image: Sharp) => Sharp,
): Promise<Raw> {
  const sharp = await loadSharp();
  try {
    const { data, info } = await convert(
      sharp(asStillImage(bytes, header), { limitInputPixels: maxPixels, failOn: 'error' }),
    )
      .raw({ depth: deep ? 'ushort' : 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const samples = deep
      ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
      : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { data: samples, info };
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
function withKnownChannels({ data, info: { width, height, channels } }: Raw): Image<Uint8Array | Uint16Array> {
  if (channels !== 2) return { width, height, channels: channels as 1 | 3 | 4, data };
  const rgba = emptyLike(data, width * height * 4);
  for (let from = 0, to = 0; from < data.length; from += 2, to += 4) {
    rgba.fill(data[from]!, to, to + 3);
    rgba[to + 3] = data[from + 1]!;
  }
  return { width, height, channels: 4, data: rgba };
}

/** Without a profile, CMYK is taken for the complement of RGB under black, by Pillow's rounding. A fifth channel is alpha. */
function cmykToRgb(
  data: Raw['data'],
  { width, height, channels: stored }: Raw['info'],
): Image<Uint8Array | Uint16Array> {
  const full = data instanceof Uint16Array ? 65_535 : 255;
  const channels = stored > 4 ? 4 : 3;
  const out = emptyLike(data, width * height * channels);
  for (let from = 0, to = 0; to < out.length; from += stored, to += channels) {
    const light = full - data[from + 3]!;
    for (let c = 0; c < 3; c++) out[to + c] = light - Math.round((data[from + c]! * light) / full);
    if (channels === 4) out[to + 3] = data[from + 4]!;
  }
  return { width, height, channels, data: out };
}

function emptyLike(data: Raw['data'], length: number): Raw['data'] {
  return data instanceof Uint16Array ? new Uint16Array(length) : new Uint8Array(length);
}
