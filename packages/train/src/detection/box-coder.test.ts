import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBoxes, encodeBoxes } from './box-coder.js';
import { golden, largestDifference } from './golden.fixture.js';

const anchors = Float32Array.from(golden.anchors);
const boxes = Float32Array.from(golden.boxes);

describe('box coder', () => {
  it('encodes as torchvision', () => {
    const matched = Float32Array.from(
      golden.matches.flatMap((box) => [...boxes.subarray(4 * Math.max(box, 0), 4 * Math.max(box, 0) + 4)]),
    );
    expect(largestDifference(encodeBoxes(matched, anchors), golden.encoded)).toBeLessThan(2e-4);
  });

  it('decodes as torchvision, without runaway sides', () => {
    const decoded = decodeBoxes(Float32Array.from(golden.offsets), anchors);
    expect(largestDifference(decoded, golden.decoded)).toBeLessThan(2e-5);
  });

  it('gives back what was encoded', () => {
    const box = fc
      .tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 1, max: 1000 })))
      .map(([x, y, w, h]) => [x!, y!, x! + w!, y! + h!].map((side) => side / 1000));
    fc.assert(
      fc.property(box, box, (one, anchor) => {
        const [given, around] = [Float32Array.from(one), Float32Array.from(anchor)];
        // Further than the limit of decoding the way back is closed.
        fc.pre([0, 1].every((i) => (one[i + 2]! - one[i]!) / (anchor[i + 2]! - anchor[i]!) < 62));
        expect(largestDifference(decodeBoxes(encodeBoxes(given, around), around), given)).toBeLessThan(1e-4);
      }),
    );
  });

  it('refuses other numbers of boxes than of anchors', () => {
    for (const code of [encodeBoxes, decodeBoxes]) {
      expect(() => code(new Float32Array(8), new Float32Array(4))).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    }
  });
});
