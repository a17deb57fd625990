import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

interface Recorded {
  defaultBoxes: {
    options: { aspect_ratios: number[][]; min_ratio?: number; max_ratio?: number; scales?: number[]; clip?: boolean };
    grids: [number, number][];
    boxes: number[];
  }[];
  anchors: number[];
  boxes: number[];
  matches: number[];
  encoded: number[];
  offsets: number[];
  decoded: number[];
  losses: {
    loss: 'ssdLoss' | 'retinaLoss';
    options: object;
    dims: number[];
    scores: number[];
    targets: number[];
    value: number;
    gradient: number[];
  }[];
  detections: {
    kind: 'softmax' | 'sigmoid';
    options: { scoreThreshold: number; iouThreshold: number; maxDetections: number };
    dims: number[];
    output: number[];
    images: { boxes: number[]; scores: number[]; labels: number[] }[];
  }[];
  network: {
    parameters: string[];
    inputDims: [number, number, number, number];
    anchorsPerPosition: number[];
    outputDims: number[];
    output: number[];
  };
}

/** What torchvision computed. */
export const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/detection.json', import.meta.url), 'utf8'),
) as Recorded;

/** The largest difference of two lists. */
export function largestDifference(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  expect(ours.length).toBe(theirs.length);
  return Math.max(0, ...Array.from(ours, (value, i) => Math.abs(value - theirs[i]!)));
}
