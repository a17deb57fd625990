import type { PngParts } from './chunks.js';

/** Samples that each PNG colour type stores for a pixel. */
export const samplesPerPixel: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Channels of the decoded image: 4 with alpha or a `tRNS` chunk, otherwise 1 for grey and 3 for colours. */
export function outputChannels({ colorType, transparency }: PngParts): 1 | 3 | 4 {
  if (colorType === 4 || colorType === 6 || transparency !== undefined) return 4;
  return colorType === 0 ? 1 : 3;
}

/** Writes `count` pixels of the unfiltered scanline that begins at `from` to `to`, `to + step`, …. */
export type PixelWriter = (from: number, count: number, to: number, step: number) => void;

type Samples = Uint8Array | Uint16Array;

/** The writer of a PNG's pixels from `data` to `out`, whose array type is its depth. */
export function pixelWriter(parts: PngParts, data: Uint8Array, out: Samples): PixelWriter {
  const { bitDepth, colorType, transparency } = parts;
  if (colorType === 3) return paletteWriter(parts, data, out);
  if (bitDepth === 8 && colorType !== 4 && transparency === undefined) {
    return copyingWriter(outputChannels(parts), data, out);
  }
  return convertingWriter(parts, data, out);
}

/** For what is already stored as we keep it. */
function copyingWriter(channels: number, data: Uint8Array, out: Samples): PixelWriter {
  return (from, count, to, step) => {
    if (step === channels) {
      out.set(data.subarray(from, from + count * channels), to);
      return;
    }
    for (let x = 0; x < count; x++) {
      for (let c = 0; c < channels; c++) out[to + x * step + c] = data[from + x * channels + c]!;
    }
  };
}

function paletteWriter(parts: PngParts, data: Uint8Array, out: Samples): PixelWriter {
  const { palette, transparency } = parts;
  const sample = sampleReader(parts.bitDepth, data);
  return (from, count, to, step) => {
    for (let x = 0; x < count; x++) {
      const index = sample(from, x);
      const pixel = to + x * step;
      for (let c = 0; c < 3; c++) out[pixel + c] = palette[index * 3 + c] ?? 0;
      if (transparency !== undefined) out[pixel + 3] = transparency[index] ?? 255;
    }
  };
}

/** For other depths, grey with alpha, and the one transparent colour of a `tRNS` chunk. */
function convertingWriter(parts: PngParts, data: Uint8Array, out: Samples): PixelWriter {
  const { bitDepth, colorType, transparency } = parts;
  const samples = samplesPerPixel[colorType]!;
  const channels = outputChannels(parts);
  const colors = samples >= 3 ? 3 : 1;
  const sample = sampleReader(bitDepth, data);
  const deep = out instanceof Uint16Array;
  const full = deep ? 65_535 : 255;
  const convert = (value: number): number =>
    bitDepth === 16 ? (deep ? value : value >> 8) : bitDepth === 8 ? value : (value * 255) / ((1 << bitDepth) - 1);
  const key =
    transparency && Array.from({ length: colors }, (_, c) => (transparency[c * 2]! << 8) | transparency[c * 2 + 1]!);
  return (from, count, to, step) => {
    for (let x = 0; x < count; x++) {
      const pixel = to + x * step;
      let matchesKey = key !== undefined;
      for (let c = 0; c < Math.min(3, channels); c++) {
        const color = colors === 3 ? c : 0;
        const value = sample(from, x * samples + color);
        out[pixel + c] = convert(value);
        if (key && value !== key[color]) matchesKey = false;
      }
      if (samples === 2 || samples === 4) out[pixel + 3] = convert(sample(from, x * samples + samples - 1));
      else if (channels === 4) out[pixel + 3] = matchesKey ? 0 : full;
    }
  };
}

/** Reads sample `index` of the scanline at `from`: 1 to 16 bits, most significant first. */
function sampleReader(bitDepth: number, data: Uint8Array): (from: number, index: number) => number {
  if (bitDepth === 8) return (from, index) => data[from + index]!;
  if (bitDepth === 16) return (from, index) => (data[from + index * 2]! << 8) | data[from + index * 2 + 1]!;
  const mask = (1 << bitDepth) - 1;
  return (from, index) => {
    const bit = index * bitDepth;
    return (data[from + (bit >> 3)]! >> (8 - bitDepth - (bit & 7))) & mask;
  };
}
