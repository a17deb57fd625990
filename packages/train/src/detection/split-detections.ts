import { PerceptError } from '@percept/core';
import type { LossTargets } from '../losses/loss.js';
import type { StepBuilder } from '../step-builder.js';

/** Targets `[N, anchors, 5]` of scores `[N, anchors, 4 + …]`. */
export const anchorTargets: LossTargets = {
  type: 'float32',
  dims: ([batch, anchors]) => [batch!, anchors!, 5],
};

/** Scores and targets of anchors, taken apart. */
export interface SplitDetections {
  readonly batch: number;
  readonly anchors: number;
  /** Scores of every anchor. */
  readonly columns: number;
  /** Offsets less those that were wanted, `[N, anchors, 4]`. */
  readonly difference: string;
  /** `[N, anchors, columns]`. */
  readonly logits: string;
  /** 0 background, from 1 on classes, -1 nothing; `[N, anchors, 1]` float32. */
  readonly classes: string;
  /** 1 for anchors that stand for a box, else 0; `[N, anchors, 1]`. */
  readonly positive: string;
}

/** Takes scores `[N, anchors, 4 + columns]` and targets `[N, anchors, 5]` apart. */
export function splitDetections(
  g: StepBuilder,
  scores: string,
  labels: string,
  dims: readonly number[],
): SplitDetections {
  const [batch, anchors, width] = dims as [number, number, number];
  if (dims.length !== 3 || width < 5) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected scores [N, anchors, 4 + scores of classes] for the loss of a detector but received [${dims.join(', ')}]`,
    );
  }
  const part = (value: string, from: number, to: number): string =>
    g.slice(value, { starts: [from], ends: [to], axes: [2], steps: [1] });
  const classes = part(labels, 4, 5);
  return {
    batch,
    anchors,
    columns: width - 4,
    difference: g.node('Sub', [part(scores, 0, 4), part(labels, 0, 4)]),
    logits: part(scores, 4, width),
    classes,
    positive: g.mask(g.node('Greater', [classes, g.scalar(0)])),
  };
}
