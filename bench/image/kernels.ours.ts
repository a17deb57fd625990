// The kernels of @percept/image as their users call them, into arrays of the caller's, as OpenCV's `dst`; copies into and
// out of WebAssembly are in the figures. A contestant of image/kernels: a round is the shortest of 31 runs of one
// task, in microseconds: what other programs do only adds to it.
import { createInterface } from 'node:readline';
import type { Image } from '@percept/core';
import {
  applyLut,
  convolve,
  flip,
  gaussianBlur,
  type Matrix3,
  normalizeInto,
  resize,
  resizeNormalizeInto,
  warp,
  warpNormalizeInto,
} from '@percept/image/kernels';
import { tasks } from './kernels.tasks.js';

const side = 512;
const data = new Uint8Array(side * side * 3);
for (let y = 0; y < side; y++) {
  for (let x = 0; x < side; x++) {
    for (let c = 0; c < 3; c++) data[(y * side + x) * 3 + c] = (x * (c + 1) + y * 2 + ((x * y) >> 5)) & 255;
  }
}
const image: Image<Uint8Array> = { width: side, height: side, channels: 3, data };
const bytes = new Uint8Array(data.length);
const bytes224 = new Uint8Array(224 * 224 * 3);
const bytes384 = new Uint8Array(384 * 384 * 3);
const floats = new Float32Array(data.length);
const table = Uint8Array.from({ length: 256 }, (_, i) => Math.min(255, (i * i) >> 7));
const [cos, sin] = [0.9659258262890683, 0.25881904510252074];
const shift = [256 - 256 * cos - 256 * sin, 256 + 256 * sin - 256 * cos] as const;
const turn: Matrix3 = [cos, sin, shift[0], -sin, cos, shift[1], 0, 0, 1];
const tilt: Matrix3 = [cos, sin, shift[0], -sin, cos, shift[1], 1e-5, 2e-5, 1];
const sharpen = { width: 3, height: 3, weights: [0, -1, 0, -1, 5, -1, 0, -1, 0] };
const imagenet = { color: 'rgb', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

const work: Record<string, () => unknown> = {
  flip: () => flip(image, 'horizontal', { out: bytes }),
  lut: () => applyLut(image, table, { out: bytes }),
  gaussian: () => gaussianBlur(image, { size: 5, out: bytes }),
  warp: () => warp(image, turn, { out: bytes }),
  resize224: () => resize(image, { width: 224, height: 224, antialias: false, out: bytes224 }),
  resize384: () => resize(image, { width: 384, height: 384, antialias: false, out: bytes384 }),
  normalize: () => normalizeInto(image, imagenet, floats),
  perspective: () => warp(image, tilt, { out: bytes }),
  area224: () => resize(image, { width: 224, height: 224, filter: 'area', out: bytes224 }),
  convolve: () => convolve(image, sharpen, { out: bytes }),
  resizeNormalize: () => resizeNormalizeInto(image, { width: 224, height: 224, antialias: false, ...imagenet }, floats),
  warpNormalize: () => warpNormalizeInto(image, turn, imagenet, floats),
};

function shortestTime(call: () => unknown, runs: number): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    call();
    shortest = Math.min(shortest, performance.now() - started);
  }
  return shortest * 1000;
}

const calls = tasks.map(({ name }) => work[name]!);
for (const call of calls) shortestTime(call, 40);
console.log('ready');
let next = 0;
for await (const _ of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ value: shortestTime(calls[next++ % calls.length]!, 31) }));
}
