import { describe, expect, it } from 'vitest';
import { mobilenetV2 } from '../builders/mobilenet-v2.js';
import { ssdLite } from '../builders/ssd-lite.js';
import { ssdAugmentation } from './detection-augmentation.js';
import { type DetectionBatch, detectionBatches } from './detection-batches.js';
import type { DetectionSample } from './detection-sample.js';
import { detectorOf } from './detector.js';
import { planes, squareBatches, squareClasses, squareSamples } from './squares.fixture.js';

const model = ssdLite({ classes: 2, backbone: mobilenetV2({ classes: 2, size: 64 }), size: 64, extraChannels: [] });
const detector = detectorOf(model);
const samples = squareSamples(7);
const settings = { samples, classes: squareClasses, detector, toTensor: planes, batchSize: 3 };

async function all(batches: AsyncIterable<DetectionBatch>): Promise<DetectionBatch[]> {
  const list: DetectionBatch[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
}

describe('detectionBatches', () => {
  it('gives images, matched targets and the boxes themselves', async () => {
    const source = squareBatches(detector, { samples, batchSize: 3, shuffle: false });
    expect(source.batchesPerEpoch).toBe(3);
    const batches = await all(source.batches({ epoch: 0 }));
    expect(batches.flatMap(({ keys }) => keys)).toEqual(samples.map(({ key }) => key));
    const anchors = detector.anchors.length / 4;
    expect(batches.map(({ labels }) => labels.dims)).toEqual([3, 3, 1].map((size) => [size, anchors, 5]));
    const [first] = batches;
    expect(first!.inputs.dims).toEqual([3, 3, 64, 64]);
    expect([...first!.truth[1]!.boxes]).toEqual(samples[1]!.boxes);
    const classes = first!.labels.data.filter((_, i) => i % 5 === 4);
    for (const [row, { labels }] of samples.slice(0, 3).entries()) {
      const found = new Set(classes.subarray(row * anchors, (row + 1) * anchors));
      for (const label of Array.from(labels)) expect(found).toContain(label + 1);
    }
  });

  it('is a function of epoch and position, whatever was read before', async () => {
    const source = detectionBatches({
      ...settings,
      seed: 4,
      augment: ssdAugmentation({ crop: { probability: 0 }, zoomOut: { probability: 0 }, verticalFlip: 0.5 }),
    });
    const whole = await all(source.batches({ epoch: 2 }));
    expect(await all(source.batches({ epoch: 2, start: 1 }))).toEqual(whole.slice(1));
    const other = await all(source.batches({ epoch: 3 }));
    expect(other.map(({ keys }) => keys)).not.toEqual(whole.map(({ keys }) => keys));
    expect(new Set(whole.flatMap(({ keys }) => keys)).size).toBe(7);
  });

  it('reads images when they are needed, and leaves a short batch out', async () => {
    let read = 0;
    const lazy = samples.map((sample): DetectionSample => {
      const { image } = sample;
      return {
        ...sample,
        image: async () => {
          read++;
          return typeof image === 'function' ? image() : image;
        },
      };
    });
    const source = detectionBatches({ ...settings, samples: lazy, dropLast: true });
    let given = 0;
    for await (const { keys } of source.batches({ epoch: 0 })) {
      given += keys.length;
      expect(read).toBe(given);
    }
    expect(source.batchesPerEpoch).toBe(2);
  });

  it.each([
    ['a box without area', { boxes: [3, 3, 3, 9], labels: [0] }],
    ['a box beside the image', { boxes: [70, 3, 80, 9], labels: [0] }],
    ['a box that is no number', { boxes: [Number.NaN, 3, 8, 9], labels: [0] }],
    ['an unknown class', { boxes: [1, 1, 9, 9], labels: [2] }],
    ['a missing label', { boxes: [1, 1, 9, 9], labels: [] }],
  ])('refuses %s, naming the sample', async (_, change) => {
    const broken = [{ ...samples[0]!, ...change }];
    const source = detectionBatches({ ...settings, samples: broken });
    await expect(all(source.batches({ epoch: 0 }))).rejects.toMatchObject({
      code: 'TRAIN_DATA_INVALID',
      details: { key: 'square 0' },
    });
  });

  it('cuts boxes off at the border', async () => {
    const source = detectionBatches({
      ...settings,
      samples: [{ ...samples[0]!, boxes: [-5, 2, 30, 80], labels: [1] }],
    });
    const [batch] = await all(source.batches({ epoch: 0 }));
    expect([...batch!.truth[0]!.boxes]).toEqual([0, 2, 30, 64]);
  });

  it('refuses tensors of another size than the detector takes', async () => {
    const wide = samples.map((sample) => ({
      ...sample,
      image: { width: 32, height: 32, channels: 3 as const, data: new Uint8Array(3072) },
      boxes: [1, 1, 9, 9],
      labels: [0],
    }));
    await expect(all(detectionBatches({ ...settings, samples: wide }).batches({ epoch: 0 }))).rejects.toMatchObject({
      code: 'TRAIN_DATA_INVALID',
    });
  });

  it('refuses other classes than the detector has, and thresholds that cross', () => {
    const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    expect(() => detectionBatches({ ...settings, classes: ['one'] })).toThrow(invalid);
    expect(() => detectionBatches({ ...settings, backgroundThreshold: 0.9 })).toThrow(invalid);
  });

  it('stops when told to', async () => {
    const source = detectionBatches(settings);
    await expect(all(source.batches({ epoch: 0, signal: AbortSignal.abort() }))).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });
});
