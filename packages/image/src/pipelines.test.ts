import type { PreprocessSpec } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { fromBase64, noise } from '../../../test/goldens/image/goldens.js';
import opencv from '../../../test/goldens/image/pipelines-opencv.json' with { type: 'json' };
import torchvision from '../../../test/goldens/image/pipelines-torchvision.json' with { type: 'json' };
import { preprocess } from './preprocess.node.js';
import { parsePreprocessSpec } from './preprocess-spec.js';
import { caffePreset, tensorflowPreset, torchvisionPreset } from './presets.js';

/** The largest difference in levels of 255: differences of values, undone by the spec's scale and deviation. */
function levels(
  spec: PreprocessSpec,
  dims: readonly number[],
  stride: number,
  ours: Float32Array,
  theirs: Float32Array,
) {
  const interleaved = spec.layout === 'NHWC';
  const plane = interleaved ? 1 : dims[2]! * dims[3]!;
  let largest = 0;
  theirs.forEach((value, i) => {
    const channel = Math.floor((i * stride) / plane) % spec.mean.length;
    const level = (Math.abs(ours[i * stride]! - value) * Math.abs(spec.std[channel]!)) / spec.scale;
    largest = Math.max(largest, level);
  });
  return largest;
}

interface Recorded {
  readonly name: string;
  readonly from: readonly number[];
  readonly spec: unknown;
  readonly dims: readonly number[];
  readonly tolerance: number;
  readonly data: string;
}

const recordings: readonly { readonly tools: string; readonly stride: number; readonly cases: readonly Recorded[] }[] =
  [
    { ...torchvision, tools: 'torchvision' },
    { ...opencv, tools: 'OpenCV and Keras' },
  ];

describe.each(recordings)('pipelines of $tools', ({ cases, stride }) => {
  it.each(cases)('$name', ({ from, spec: json, dims, data, tolerance }) => {
    const spec = parsePreprocessSpec(json) as PreprocessSpec;
    const tensor = preprocess(noise(from[0]!, from[1]!, 3), spec);
    expect(tensor.dims).toEqual(dims);
    const theirs = new Float32Array(fromBase64(data).buffer);
    expect(theirs.length).toBe(Math.ceil(tensor.data.length / stride));
    expect(levels(spec, dims, stride, tensor.data, theirs)).toBeLessThanOrEqual(tolerance + 1e-3);
  });
});

describe('presets', () => {
  it('are the pipelines recorded', () => {
    const preset = torchvision.cases.find(({ name }) => name.startsWith('ImageClassification'))!.spec;
    const imagenet = torchvisionPreset();
    expect(imagenet).toMatchObject({ color: 'rgb', scale: preset.scale, mean: preset.mean, std: preset.std });
    expect(imagenet).toMatchObject({ resize: { size: 256 }, crop: { width: 224, height: 224 } });
    const specOf = (name: string) => opencv.cases.find((one) => one.name.startsWith(name))!.spec;
    const caffe = specOf('Keras caffe 24');
    expect(caffePreset(24)).toEqual(caffe);
    expect({ ...tensorflowPreset(24), layout: 'NHWC' }).toEqual(specOf('Keras tf 24'));
  });
});
