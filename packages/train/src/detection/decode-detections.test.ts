import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { ssdBoxWeights } from './box-coder.js';
import { decodeDetections } from './decode-detections.js';
import type { Detector } from './detector.js';
import { golden, largestDifference } from './golden.fixture.js';

const detector = (scores: Detector['scores']): Detector => ({
  anchors: Float32Array.from(golden.anchors),
  grid: { maps: [], shapes: [] },
  weights: ssdBoxWeights,
  scores,
  classes: 3,
  size: [100, 100],
  labels: undefined,
});

describe('decodeDetections', () => {
  it.each(golden.detections.map((entry) => [`${entry.kind} ${JSON.stringify(entry.options)}`, entry] as const))(
    'finds what torchvision finds: %s',
    (_, { kind, options, dims, output, images }) => {
      const found = decodeDetections(tensor('float32', dims, output), detector(kind), options);
      expect(found).toHaveLength(images.length);
      for (const [i, { boxes, scores, labels }] of images.entries()) {
        expect([...found[i]!.labels]).toEqual(labels);
        expect(largestDifference(found[i]!.scores, scores)).toBeLessThan(1e-6);
        expect(largestDifference(found[i]!.boxes, boxes)).toBeLessThan(1e-5);
      }
    },
  );

  it('finds nothing where nothing is sure', () => {
    const { kind, dims, output } = golden.detections[0]!;
    const [found] = decodeDetections(tensor('float32', dims, output), detector(kind), { scoreThreshold: 1 });
    expect(found).toEqual({ boxes: new Float32Array(0), scores: new Float32Array(0), labels: new Int32Array(0) });
  });

  it('refuses the output of another detector', () => {
    const { dims, output } = golden.detections[0]!;
    expect(() => decodeDetections(tensor('float32', dims, output), detector('sigmoid'))).toThrow(
      expect.objectContaining({ code: 'TRAIN_MODEL_INVALID' }),
    );
  });
});
