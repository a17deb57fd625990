import { type Image, keyedRandom } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SsdAugmentationOptions, ssdAugmentation } from './detection-augmentation.js';
import type { DetectionExample } from './detection-sample.js';

/** Black with white rectangles, the boxes around them. */
function rectangles(
  width: number,
  height: number,
  boxes: readonly number[],
  channels: 1 | 3 | 4 = 3,
): DetectionExample {
  const data = new Uint8Array(width * height * channels);
  for (let at = 0; at < boxes.length; at += 4) {
    const [left, top, right, bottom] = boxes.slice(at, at + 4) as [number, number, number, number];
    for (let y = top; y < bottom; y++) data.fill(255, (y * width + left) * channels, (y * width + right) * channels);
  }
  return {
    image: { width, height, channels, data },
    boxes: Float32Array.from(boxes),
    labels: Int32Array.from({ length: boxes.length / 4 }, (_, i) => i),
  };
}

/** The smallest box around what is white. */
function aroundWhite({ width, height, channels, data }: Image): number[] {
  const box = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * channels]! < 200) continue;
      box[0] = Math.min(box[0]!, x);
      box[1] = Math.min(box[1]!, y);
      box[2] = Math.max(box[2]!, x + 1);
      box[3] = Math.max(box[3]!, y + 1);
    }
  }
  return box;
}

const none: SsdAugmentationOptions = {
  color: 0,
  zoomOut: { probability: 0 },
  crop: { probability: 0 },
  horizontalFlip: 0,
};

describe('ssdAugmentation', () => {
  it('keeps boxes around what they were around', () => {
    const augment = ssdAugmentation({
      color: 0,
      zoomOut: { largest: 2, fill: [0, 0, 0] },
      crop: { probability: 1 },
      verticalFlip: 0.5,
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(1, 3, 4), (seed, channels) => {
        const example = rectangles(40, 30, [7, 5, 21, 18], channels);
        const drawn = augment(example, keyedRandom(seed));
        expect(drawn.image.data).toHaveLength(drawn.image.width * drawn.image.height * channels);
        expect([...drawn.labels]).toEqual([0]);
        expect([...drawn.boxes]).toEqual(aroundWhite(drawn.image));
      }),
    );
  });

  it('drops the boxes whose centre was cut off, with their labels', () => {
    const augment = ssdAugmentation({ ...none, crop: { probability: 1, smallest: 0.4 } });
    const example = rectangles(50, 50, [2, 2, 10, 10, 40, 40, 48, 48, 22, 22, 28, 28]);
    let dropped = 0;
    for (let seed = 0; seed < 50; seed++) {
      const { boxes, labels, image } = augment(example, keyedRandom(seed));
      expect(labels.length).toBeGreaterThan(0);
      expect(boxes).toHaveLength(labels.length * 4);
      dropped += 3 - labels.length;
      for (const [i, side] of boxes.entries()) {
        expect(side).toBeGreaterThanOrEqual(0);
        expect(side).toBeLessThanOrEqual(i % 2 === 0 ? image.width : image.height);
      }
    }
    expect(dropped).toBeGreaterThan(10);
  });

  it('is a function of the random key alone and leaves the example as it is', () => {
    const augment = ssdAugmentation({ verticalFlip: 0.5 });
    const example = rectangles(20, 20, [3, 4, 9, 15], 4);
    const copy = structuredClone(example);
    expect(augment(example, keyedRandom(3))).toEqual(augment(example, keyedRandom(3)));
    expect(augment(example, keyedRandom(3))).not.toEqual(augment(example, keyedRandom(4)));
    expect(example).toEqual(copy);
  });

  it('changes colours within bounds, never transparency', () => {
    const example = rectangles(4, 4, [0, 0, 4, 4], 4);
    example.image.data.fill(100);
    const augment = ssdAugmentation({ ...none, color: 0.5 });
    const values = Array.from({ length: 20 }, (_, seed) => augment(example, keyedRandom(seed)).image.data);
    for (const data of values) expect(data[3]).toBe(100);
    expect(new Set(values.map((data) => data[0])).size).toBeGreaterThan(10);
  });

  it('does nothing when nothing is asked for', () => {
    const example = rectangles(8, 8, [1, 1, 3, 3]);
    expect(ssdAugmentation(none)(example, keyedRandom(1))).toBe(example);
  });

  it('refuses probabilities above 1', () => {
    expect(() => ssdAugmentation({ horizontalFlip: 2 })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
