import { describe, expect, it } from 'vitest';
import { detectionTargets } from './detection-targets.js';
import { golden, largestDifference } from './golden.fixture.js';
import { matchAnchors } from './match-anchors.js';

const anchors = Float32Array.from(golden.anchors);
const boxes = Float32Array.from(golden.boxes);

describe('matchAnchors', () => {
  it('matches as SSDMatcher of torchvision', () => {
    expect([...matchAnchors(boxes, anchors)]).toEqual(golden.matches);
  });

  it('gives every box an anchor, however little they overlap', () => {
    const grid = new Float32Array([0, 0, 0.4, 0.4, 0.5, 0.5, 1, 1]);
    expect([...matchAnchors(new Float32Array([0.3, 0.3, 0.45, 0.45]), grid)]).toEqual([0, -1]);
  });

  it('leaves out anchors between the thresholds', () => {
    const grid = new Float32Array([0, 0, 1, 1, 0, 0, 1, 0.45, 0, 0, 1, 0.3]);
    const box = new Float32Array([0, 0, 1, 1]);
    expect([...matchAnchors(box, grid, { backgroundThreshold: 0.4 })]).toEqual([0, -2, -1]);
  });

  it('calls everything background where there is no box', () => {
    expect([...matchAnchors(new Float32Array(0), anchors)].every((match) => match === -1)).toBe(true);
  });

  it.each([[{ iouThreshold: 0 }], [{ backgroundThreshold: 0.6 }]])('refuses %j', (options) => {
    expect(() => matchAnchors(boxes, anchors, options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  it('refuses no anchors', () => {
    expect(() => matchAnchors(boxes, new Float32Array(0))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('detectionTargets', () => {
  it('are the offsets and classes of the anchors that stand for a box', () => {
    const labels = [2, 0, 1, 2, 0, 1, 1];
    const targets = detectionTargets({ boxes, labels }, anchors);
    for (const [anchor, box] of golden.matches.entries()) {
      const row = targets.subarray(anchor * 5, anchor * 5 + 5);
      expect(row[4]).toBe(box < 0 ? 0 : labels[box]! + 1);
      const wanted = box < 0 ? [0, 0, 0, 0] : golden.encoded.slice(anchor * 4, anchor * 4 + 4);
      expect(largestDifference(row.subarray(0, 4), wanted)).toBeLessThan(2e-4);
    }
  });

  it('mark what counts for nothing', () => {
    const grid = new Float32Array([0, 0, 1, 1, 0, 0, 1, 0.45]);
    const found = { boxes: new Float32Array([0, 0, 1, 1]), labels: [0] };
    expect([...detectionTargets(found, grid, { backgroundThreshold: 0.4 })]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, -1]);
  });

  it('refuse other numbers of labels than of boxes', () => {
    expect(() => detectionTargets({ boxes, labels: [1] }, anchors)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
