import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { oneHot } from './class-targets.js';
import { classIndices, type Loss } from './loss.js';

/** Options of {@link arcFace}. */
export interface ArcFaceOptions {
  /** Angle by which the right class is handicapped, in radians, 0 ≤ x < π / 2. Default 0.5. */
  margin?: number;
  /** What cosines are multiplied by before the softmax, above 0. Default 64. */
  scale?: number;
}

const schema = z.strictObject({
  margin: z
    .number()
    .min(0)
    .lt(Math.PI / 2)
    .optional(),
  scale: z.number().gt(0).optional(),
});

/**
 * Additive angular margin loss (Deng et al., arXiv:1801.07698): softmax cross-entropy of scaled cosines, the angle to the
 * right class widened by `margin`. Past the angle π - margin, where the cosine would rise again, it goes on as
 * cos θ - margin sin(margin), as the authors do.
 *
 * Scores are cosines `[N, classes]`, in -1..1: the model's last layers normalize the embedding and the class vectors and
 * multiply them, so the class vectors are weights of the model like any other. Targets: `[N]` int64.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function arcFace(options: ArcFaceOptions = {}): Loss {
  const { margin = 0.5, scale = 64 } = parseOptions(schema, options, 'arcFace() options');
  const [cosine, sine] = [Math.cos(margin), Math.sin(margin)];
  return {
    description: describeOptions('arcFace', { margin, scale }),
    targets: classIndices,
    emit(g, scores, labels, dims) {
      const one = g.scalar(1);
      const hit = oneHot(g, labels, dims);
      const given = g.reduceSum(g.node('Mul', [hit, scores]), [1], true);
      // Kept off ±1, where the slope of the angle is infinite.
      const bound = 1 - 1e-6;
      const right = g.node('Clip', [given, g.scalar(-bound), g.scalar(bound)]);
      const sin = g.node('Sqrt', [g.node('Sub', [one, g.node('Mul', [right, right])])]);
      const widened = g.node('Sub', [g.node('Mul', [right, g.scalar(cosine)]), g.node('Mul', [sin, g.scalar(sine)])]);
      const widenedSlope = g.node('Add', [
        g.node('Mul', [g.node('Div', [right, sin]), g.scalar(sine)]),
        g.scalar(cosine),
      ]);
      const straight = g.node('Sub', [right, g.scalar(margin * sine)]);
      const near = g.mask(g.node('Greater', [right, g.scalar(-cosine)]));
      const either = (ifNear: string, ifFar: string): string =>
        g.node('Add', [ifFar, g.node('Mul', [near, g.node('Sub', [ifNear, ifFar])])]);
      const shift = g.node('Mul', [hit, g.node('Sub', [either(widened, straight), given])]);
      const logits = g.node('Mul', [g.node('Add', [scores, shift]), g.scalar(scale)]);

      const logProbabilities = g.node('LogSoftmax', [logits], { axis: 1 });
      const batch = dims[0]!;
      const total = g.reduceSum(g.node('Mul', [hit, logProbabilities]), [0, 1]);
      const surplus = g.node('Mul', [g.node('Sub', [g.node('Exp', [logProbabilities]), hit]), g.scalar(scale / batch)]);
      const slope = g.node('Add', [one, g.node('Mul', [hit, g.node('Sub', [either(widenedSlope, one), one])])]);
      return {
        value: g.node('Mul', [total, g.scalar(-1 / batch)]),
        gradient: g.node('Mul', [surplus, slope]),
      };
    },
  };
}
