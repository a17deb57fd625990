// The same image and spec must give the same bits wherever they run: hashes of tensors, checked in Node and in a browser.
import type { PreprocessSpec, PreprocessType } from '@percept/core';
import { caffePreset, tensorflowPreset, torchvisionPreset } from './presets.js';

/** Specs that go through every way of making a tensor, with the FNV-1a hash of its bytes for noise of 97 × 61 pixels. */
export const sameTensors: readonly {
  readonly name: string;
  readonly spec: PreprocessSpec<PreprocessType>;
  readonly hash: string;
}[] = [
  { name: 'torchvision', spec: torchvisionPreset(56), hash: 'ca9167f8' },
  { name: 'tf', spec: { ...tensorflowPreset(48), layout: 'NHWC' }, hash: 'fb1e9e9e' },
  { name: 'caffe', spec: caffePreset(33), hash: '08c02867' },
  {
    name: 'bicubic letterbox',
    spec: {
      ...torchvisionPreset(40),
      resize: { mode: 'letterbox', width: 64, height: 64, padValue: 114, filter: 'bicubic' },
    },
    hash: '067d10c4',
  },
  {
    name: 'lanczos float16',
    spec: { ...torchvisionPreset(40), resize: { mode: 'shorter-side', size: 44, filter: 'lanczos' }, dtype: 'float16' },
    hash: '47b94a27',
  },
  {
    name: 'linear as OpenCV, int8',
    spec: {
      color: 'gray',
      resize: { mode: 'exact', width: 31, height: 47, antialias: false },
      scale: 1,
      mean: [128],
      std: [1],
      dtype: 'int8',
    },
    hash: 'aafe78bf',
  },
  { name: 'area, unscaled crop', spec: { ...plain(), crop: { width: 50, height: 70 } }, hash: '7aa81c9a' },
  {
    name: 'area',
    spec: { ...plain(), resize: { mode: 'exact', width: 40, height: 20, filter: 'area' } },
    hash: '9b93e2b0',
  },
];

function plain(): PreprocessSpec {
  return { color: 'bgr', scale: 1 / 255, mean: [0.1, 0.2, 0.3], std: [0.9, 0.8, 0.7] };
}

/** FNV-1a, 32 bits, of an array's bytes. */
export function hashOf(data: ArrayBufferView): string {
  let hash = 0x811c9dc5;
  for (const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
