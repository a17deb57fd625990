import { describe, expect, it } from 'vitest';
import { type AnchorGrid, defaultBoxShapes, layAnchors } from './anchors.js';
import { golden, largestDifference } from './golden.fixture.js';

describe('defaultBoxShapes', () => {
  it('makes the default boxes of torchvision', () => {
    for (const { options, grids, boxes } of golden.defaultBoxes) {
      const { aspect_ratios: aspectRatios, min_ratio: minRatio, max_ratio: maxRatio, ...rest } = options;
      const shapes = defaultBoxShapes({
        aspectRatios,
        ...(minRatio === undefined ? {} : { minRatio }),
        ...(maxRatio === undefined ? {} : { maxRatio }),
        ...rest,
      });
      expect(largestDifference(layAnchors({ maps: grids, shapes }), boxes)).toBeLessThan(1e-6);
    }
  });

  it('refuses scales of another number than feature maps', () => {
    expect(() => defaultBoxShapes({ aspectRatios: [[2]], scales: [0.1] })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});

describe('layAnchors', () => {
  it('goes row by row, position by position, shape by shape', () => {
    const grid: AnchorGrid = {
      maps: [[1, 2]],
      shapes: [
        [
          [0.5, 1],
          [0.25, 0.5],
        ],
      ],
    };
    expect([...layAnchors(grid)]).toEqual([
      0, 0, 0.5, 1, 0.125, 0.25, 0.375, 0.75, 0.5, 0, 1, 1, 0.625, 0.25, 0.875, 0.75,
    ]);
  });

  it('refuses shapes for another number of feature maps', () => {
    expect(() => layAnchors({ maps: [[1, 1]], shapes: [] })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
