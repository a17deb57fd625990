import { describe, expect, it } from 'vitest';
import { outputSize, parsePreprocessSpec } from './preprocess-spec.js';
import { caffePreset, plainPreset, tensorflowPreset, torchvisionPreset } from './presets.js';

const presets = [
  torchvisionPreset(),
  tensorflowPreset(96),
  caffePreset(),
  plainPreset({ width: 28, height: 30, color: 'gray' }),
];

describe('parsePreprocessSpec', () => {
  it.each(presets)('takes a preset back from JSON: %j', (preset) => {
    expect(parsePreprocessSpec(JSON.parse(JSON.stringify(preset)))).toEqual(preset);
  });

  it.each([
    [{ color: 'cmyk' }, /one of gray, rgb, bgr for color/],
    [{ mean: [0, 0, 0] }, /1 value \(one per gray channel\) for mean/],
    [{ std: [0] }, /a number other than 0 for std.0/],
    [{ scale: Number.NaN }, /a number for scale/],
    [{ resize: { mode: 'fill', width: 3, height: 3 } }, /for resize/],
    [{ resize: { mode: 'exact', width: 3, height: 0 } }, /at least 1 for resize.height/],
    [{ crop: { width: 3 } }, /a number for crop.height|an integer for crop.height/],
    [{ pad: 4 }, /no unknown option \(pad\)/],
  ])('refuses %j', (change, message) => {
    const spec = plainPreset({ width: 28, height: 28, color: 'gray' });
    expect(() => parsePreprocessSpec({ ...spec, ...change })).toThrowError(message);
  });

  it.each([null, undefined, 3, 'x', [], {}])('refuses %j', (value) => {
    expect(() => parsePreprocessSpec(value)).toThrowError(/preprocessing spec/);
  });
});

describe('outputSize', () => {
  it('is the crop, else the fixed resize, else unknown', () => {
    expect(presets.map(outputSize)).toEqual([
      { width: 224, height: 224 },
      { width: 96, height: 96 },
      { width: 224, height: 224 },
      { width: 28, height: 30 },
    ]);
    const { crop: _, ...uncropped } = torchvisionPreset();
    expect(outputSize(uncropped)).toBeUndefined();
    const { resize: __, ...free } = tensorflowPreset();
    expect(outputSize(free)).toBeUndefined();
  });
});
