import { parseOptions } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import { identity, labelPairs } from './label-pairs.js';
import { classIndices, type Loss } from './loss.js';

/** Options of {@link contrastive}. */
export interface ContrastiveOptions {
  /** What cosine similarities are divided by, above 0: lower minds near strangers more. Default 0.5. */
  temperature?: number;
}

const schema = z.strictObject({ temperature: z.number().gt(0).optional() });

/**
 * For every image, the softmax cross-entropy of picking its relatives (images with the same label) out of the rest of the
 * batch by cosine similarity; the mean over relatives, then over the images that have any. With labels that name two
 * augmented views of each image this is SimCLR's NT-Xent (Chen et al., arXiv:2002.05709); with class labels it is supervised
 * contrastive learning (Khosla et al., arXiv:2004.11362, L_out). Scores are embeddings `[N, D]` of any length (they are
 * normalized here), targets `[N]` int64.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function contrastive(options: ContrastiveOptions = {}): Loss {
  const { temperature = 0.5 } = parseOptions(schema, options, 'contrastive() options');
  return {
    description: describeOptions('contrastive', { temperature }),
    targets: classIndices,
    emitClasses: () => undefined,
    emit(g, scores, labels, dims) {
      const [batch] = dims as [number, number];
      const { positive } = labelPairs(g, labels, batch);
      const squares = g.reduceSum(g.node('Mul', [scores, scores]), [1], true);
      const length = g.node('Max', [g.node('Sqrt', [squares]), g.scalar(1e-12)]);
      const unit = g.node('Div', [scores, length]);
      const similarity = g.node('MatMul', [unit, g.transpose(unit, [1, 0])]);
      const scale = g.scalar(1 / temperature);
      // Nobody is to be told apart from themselves.
      const self = g.node('Mul', [identity(g, batch), g.scalar(-1e9)]);
      const logits = g.node('Add', [g.node('Mul', [similarity, scale]), self]);
      const logProbabilities = g.node('LogSoftmax', [logits], { axis: 1 });
      const relatives = g.reduceSum(positive, [1], true);
      const one = g.scalar(1);
      const hasAny = g.node('Min', [relatives, one]);
      const target = g.node('Div', [positive, g.node('Max', [relatives, one])]);
      const count = g.node('Max', [g.reduceSum(hasAny, [0, 1]), one]);
      const total = g.reduceSum(g.node('Mul', [target, logProbabilities]), [0, 1]);

      const surplus = g.node('Sub', [g.node('Mul', [g.node('Exp', [logProbabilities]), hasAny]), target]);
      const dLogits = g.node('Mul', [g.node('Div', [surplus, count]), scale]);
      const both = g.node('Add', [dLogits, g.transpose(dLogits, [1, 0])]);
      const dUnit = g.node('MatMul', [both, unit]);
      const along = g.reduceSum(g.node('Mul', [dUnit, unit]), [1], true);
      return {
        value: g.node('Neg', [g.node('Div', [total, count])]),
        gradient: g.node('Div', [g.node('Sub', [dUnit, g.node('Mul', [unit, along])]), length]),
      };
    },
  };
}
