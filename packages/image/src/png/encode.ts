import type { Image } from '@percept/core';
import { crc32 } from './crc32.js';
import { paeth } from './filters.js';

/** Compresses to a zlib stream. */
export type Deflate = (data: Uint8Array) => Promise<Uint8Array> | Uint8Array;

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const colorTypes = { 1: 0, 3: 2, 4: 6 } as const;

/** Encodes grey, RGB or RGBA of 8 or 16 bits as PNG, choosing each row's filter by the least sum of absolute differences. */
export async function encodePng(image: Image<Uint8Array | Uint16Array>, deflate: Deflate): Promise<Uint8Array> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, image.width);
  view.setUint32(4, image.height);
  header[8] = image.data instanceof Uint16Array ? 16 : 8;
  header[9] = colorTypes[image.channels];
  const data = await deflate(filterRows(image));

  const out = new Uint8Array(8 + 25 + 12 + data.length + 12);
  out.set(signature);
  let at = writeChunk(out, 8, 'IHDR', header);
  at = writeChunk(out, at, 'IDAT', data);
  writeChunk(out, at, 'IEND', new Uint8Array(0));
  return out;
}

function writeChunk(out: Uint8Array, at: number, type: string, body: Uint8Array): number {
  const view = new DataView(out.buffer);
  view.setUint32(at, body.length);
  for (let i = 0; i < 4; i++) out[at + 4 + i] = type.charCodeAt(i);
  out.set(body, at + 8);
  const end = at + 8 + body.length;
  view.setUint32(end, crc32(out, at + 4, end));
  return end + 4;
}

/** Samples as PNG stores them: 16 bits with the high byte first. */
function storedBytes(data: Uint8Array | Uint16Array): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const bytes = new Uint8Array(data.length * 2);
  for (let i = 0; i < data.length; i++) {
    bytes[i * 2] = data[i]! >> 8;
    bytes[i * 2 + 1] = data[i]!;
  }
  return bytes;
}

function filterRows({ width, height, channels, data: samples }: Image<Uint8Array | Uint16Array>): Uint8Array {
  const data = storedBytes(samples);
  const step = channels * samples.BYTES_PER_ELEMENT;
  const stride = width * step;
  const out = new Uint8Array((stride + 1) * height);
  const candidate = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const at = y * (stride + 1);
    let least = Number.POSITIVE_INFINITY;
    for (let filter = 0; filter < 5; filter++) {
      const sum = filterRow(data, y, stride, step, filter, candidate);
      if (sum >= least) continue;
      least = sum;
      out[at] = filter;
      out.set(candidate, at + 1);
    }
  }
  return out;
}

/** Filters one row into `out`; returns the sum of the differences, taken as signed bytes. */
function filterRow(data: Uint8Array, y: number, stride: number, step: number, filter: number, out: Uint8Array): number {
  const row = y * stride;
  let sum = 0;
  for (let i = 0; i < stride; i++) {
    const left = i < step ? 0 : data[row + i - step]!;
    const up = y === 0 ? 0 : data[row + i - stride]!;
    let predicted = 0;
    if (filter === 1) predicted = left;
    else if (filter === 2) predicted = up;
    else if (filter === 3) predicted = (left + up) >> 1;
    else if (filter === 4) predicted = paeth(left, up, i < step || y === 0 ? 0 : data[row + i - stride - step]!);
    const difference = (data[row + i]! - predicted) & 255;
    out[i] = difference;
    sum += difference < 128 ? difference : 256 - difference;
  }
  return sum;
}
