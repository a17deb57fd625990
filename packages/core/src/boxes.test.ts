import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import goldens from '../../../test/goldens/core/boxes.json';
import { type BoxFormat, boxIou, convertBoxes, nonMaximumSuppression } from './boxes.js';

const formats: BoxFormat[] = ['xyxy', 'xywh', 'cxcywh'];

describe('convertBoxes', () => {
  it('converts by definition', () => {
    const xyxy = new Float32Array([1, 2, 5, 10]);
    expect([...convertBoxes(xyxy, 'xyxy', 'xywh')]).toEqual([1, 2, 4, 8]);
    expect([...convertBoxes(xyxy, 'xyxy', 'cxcywh')]).toEqual([3, 6, 4, 8]);
  });

  it('round-trips between all formats', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 4, maxLength: 4 }), (numbers) => {
        const boxes = Float32Array.from(numbers);
        for (const from of formats)
          for (const to of formats) expect(convertBoxes(convertBoxes(boxes, from, to), to, from)).toEqual(boxes);
      }),
    );
  });

  it('refuses three numbers', () => {
    expect(() => convertBoxes(new Float32Array(3), 'xyxy', 'xywh')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('boxIou', () => {
  it('measures overlap, and gives 0 for empty boxes', () => {
    const boxes = new Float32Array([0, 0, 10, 10, 5, 5, 15, 15, 20, 20, 20, 20]);
    const iou = boxIou(boxes, boxes);
    expect([...iou].map((value) => Number(value.toFixed(6)))).toEqual([1, 0.142857, 0, 0.142857, 1, 0, 0, 0, 0]);
  });
});

describe('nonMaximumSuppression', () => {
  it('keeps the best of overlapping boxes, best first', () => {
    const boxes = new Float32Array([0, 0, 10, 10, 1, 1, 11, 11, 50, 50, 60, 60]);
    expect(nonMaximumSuppression(boxes, new Float32Array([0.8, 0.9, 0.95]), 0.5)).toEqual([2, 1]);
    expect(nonMaximumSuppression(boxes, new Float32Array([0.5, 0.5, 0.5]), 0.5)).toEqual([0, 2]);
    expect(nonMaximumSuppression(new Float32Array(0), new Float32Array(0), 0.5)).toEqual([]);
  });

  it('refuses a missing score', () => {
    expect(() => nonMaximumSuppression(new Float32Array(8), new Float32Array(1), 0.5)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('boxes beside torchvision', () => {
  const boxes = Float32Array.from(goldens.boxes);
  const close = (ours: Float32Array, theirs: number[]) => {
    expect(ours.length).toBe(theirs.length);
    for (const [at, value] of theirs.entries()) expect(ours[at]).toBeCloseTo(value, 4);
  };

  it('converts, overlaps and suppresses the same', () => {
    close(convertBoxes(boxes, 'xyxy', 'xywh'), goldens.xywh);
    close(convertBoxes(boxes, 'xyxy', 'cxcywh'), goldens.cxcywh);
    close(boxIou(boxes, boxes), goldens.iou);
    for (const [threshold, kept] of Object.entries(goldens.nms)) {
      expect(nonMaximumSuppression(boxes, Float32Array.from(goldens.scores), Number(threshold))).toEqual(kept);
    }
  });
});
