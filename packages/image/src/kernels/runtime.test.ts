import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { rgbToHsv } from './hue.js';
import { samples } from './images.fixture.js';
import { rgbToLab } from './lab.js';
import { flip, transpose } from './orient.js';
import { resize } from './resize.js';
import { read, reserve, scratchBytes, write } from './runtime.js';
import { warp } from './warp.js';

it('reserves areas that neither overlap nor lose what was written', () => {
  const pointers = reserve(7, 100_000, 4);
  const first = samples('uint8', 7, 1, false) as Uint8Array;
  const second = samples('float32', 25_000, 2, false) as Float32Array;
  const third = Int32Array.of(-5);
  write(pointers[0], first);
  write(pointers[1], second);
  write(pointers[2], third);
  expect(read(pointers[0], new Uint8Array(7))).toEqual(first);
  expect(read(pointers[1], new Float32Array(25_000))).toEqual(second);
  expect(read(pointers[2], new Int32Array(1))).toEqual(third);
});

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

it('keeps memory and heap flat over 100,000 calls', { timeout: 60_000 }, () => {
  const image = { width: 15, height: 10, channels: 3 as const, data: samples('uint8', 450, 1, false) };
  const out = new Uint8Array(450);
  const calls = (count: number): number => {
    for (let i = 0; i < count; i++) flip(image, 'horizontal', { out });
    collect();
    return process.memoryUsage().heapUsed;
  };
  calls(5000);
  const memory = scratchBytes();
  const heap = calls(1000);
  expect(calls(100_000)).toBeLessThan(heap + 1e6);
  expect(scratchBytes()).toBe(memory);
});

it('keeps both modules right and flat over calls that grow and restart the memory', { timeout: 60_000 }, () => {
  const large = { width: 8400, height: 8400, channels: 1 as const, data: new Uint8Array(8400 ** 2) };
  const target = new Uint8Array(8400 ** 2);
  const small = { width: 5, height: 3, channels: 3 as const, data: samples('uint8', 45, 3, false) as Uint8Array };
  const turn = [0.9, 0.1, 0, -0.1, 0.9, 0, 0, 0, 1] as const;
  // One kernel of each module, one with tables in front of the areas, one with both.
  const results = () => [
    ...[resize(small, { width: 3, height: 2 }), rgbToHsv(small), rgbToLab(small)],
    warp(small, turn, { filter: 'bicubic' }),
  ];
  const expected = results();
  const round = (): number => {
    transpose(large, { out: target });
    expect(scratchBytes()).toBeGreaterThan(64 * 2 ** 20);
    expect(results()).toEqual(expected);
    for (let i = 0; i < 100; i++) results();
    expect(scratchBytes()).toBeLessThan(2 ** 20);
    expect(results()).toEqual(expected);
    collect();
    return process.memoryUsage().heapUsed;
  };
  round();
  const heap = round();
  round();
  expect(round()).toBeLessThan(heap + 1e6);
});

it('gives a large memory back when small calls follow for long, and keeps its tables', () => {
  const large = { width: 8400, height: 8400, channels: 1 as const, data: new Uint8Array(8400 ** 2) };
  const small = { width: 5, height: 1, channels: 3 as const, data: samples('uint8', 15, 3, false) as Uint8Array };
  const lab = rgbToLab(small);
  transpose(large, { out: new Uint8Array(8400 ** 2) });
  expect(scratchBytes()).toBeGreaterThan(64 * 2 ** 20);
  for (let i = 0; i < 300; i++) flip(small, 'horizontal');
  expect(scratchBytes()).toBeLessThan(2 ** 20);
  expect(rgbToLab(small)).toEqual(lab);
});

it('refuses an image that no WebAssembly memory holds', () => {
  expect(() => reserve(2 ** 32)).toThrowError(expect.objectContaining({ code: 'IMAGE_KERNELS_OUT_OF_MEMORY' }));
});

it('says what a page needs where WebAssembly is forbidden', async () => {
  vi.resetModules();
  vi.stubGlobal('WebAssembly', {
    Memory: WebAssembly.Memory,
    Module: class {
      constructor() {
        throw new Error('blocked by a content security policy');
      }
    },
  });
  try {
    const fresh = await import('./orient.js');
    const image = { width: 1, height: 1, channels: 3 as const, data: new Uint8Array(3) };
    const unavailable = { code: 'IMAGE_KERNELS_UNAVAILABLE', message: expect.stringContaining('wasm-unsafe-eval') };
    expect(() => fresh.flip(image, 'horizontal')).toThrowError(expect.objectContaining(unavailable));
  } finally {
    vi.unstubAllGlobals();
  }
});
