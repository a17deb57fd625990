import { elementCount, PerceptError, parseOptions, type Tensor, tensor } from '@percept/core';
import * as z from 'zod';
import { describeOptions } from '../describe-options.js';
import type { StepBuilder } from '../step-builder.js';
import { oneHot } from './class-targets.js';
import type { Loss } from './loss.js';

/** Options of {@link distillation}. */
export interface DistillationOptions {
  /** What teacher's and student's logits are divided by, above 0: higher shows more of the teacher's doubts. Default 4. */
  temperature?: number;
  /** Share of the teacher in the loss, 0..1; the rest is cross-entropy with the label. Default 0.9. */
  alpha?: number;
}

const schema = z.strictObject({
  temperature: z.number().gt(0).optional(),
  alpha: z.number().min(0).max(1).optional(),
});

/**
 * Knowledge distillation (Hinton et al., arXiv:1503.02531): alpha T² KL(teacher / T ‖ student / T) + (1 - alpha)
 * cross-entropy, both means over the batch (PyTorch's `batchmean`). Scores are logits `[N, classes]`; targets are float32
 * `[N, classes + 1]`, the teacher's logits and then the class index, which {@link distillationTargets} packs.
 *
 * @throws PerceptError `INVALID_ARGUMENT` for options out of range
 */
export function distillation(options: DistillationOptions = {}): Loss {
  const { temperature = 4, alpha = 0.9 } = parseOptions(schema, options, 'distillation() options');
  const hardLabels = (g: StepBuilder, labels: string, classes: number): string =>
    g.node('Cast', [g.slice(labels, { starts: [classes], ends: [classes + 1], axes: [1], steps: [1] })], { to: 7 });
  return {
    description: describeOptions('distillation', { temperature, alpha }),
    targets: { type: 'float32', dims: ([batch, classes]) => [batch!, classes! + 1] },
    emitClasses: (g, labels, [batch, classes]) => g.reshape(hardLabels(g, labels, classes!), [batch!]),
    emit(g, scores, labels, dims) {
      const [batch, classes] = dims as [number, number];
      const teacher = g.slice(labels, { starts: [0], ends: [classes], axes: [1], steps: [1] });
      const soften = (logits: string): string =>
        g.node('LogSoftmax', [g.node('Mul', [logits, g.scalar(1 / temperature)])], { axis: 1 });
      const [teacherLog, studentLog] = [soften(teacher), soften(scores)];
      const teacherP = g.node('Exp', [teacherLog]);
      const divergence = g.reduceSum(g.node('Mul', [teacherP, g.node('Sub', [teacherLog, studentLog])]), [0, 1]);
      const logProbabilities = g.node('LogSoftmax', [scores], { axis: 1 });
      const hit = oneHot(g, hardLabels(g, labels, classes), dims);
      const likelihood = g.reduceSum(g.node('Mul', [hit, logProbabilities]), [0, 1]);

      const soft = g.scalar((alpha * temperature * temperature) / batch);
      const softSlope = g.scalar((alpha * temperature) / batch);
      const hard = g.scalar((1 - alpha) / batch);
      return {
        value: g.node('Sub', [g.node('Mul', [divergence, soft]), g.node('Mul', [likelihood, hard])]),
        gradient: g.node('Add', [
          g.node('Mul', [g.node('Sub', [g.node('Exp', [studentLog]), teacherP]), softSlope]),
          g.node('Mul', [g.node('Sub', [g.node('Exp', [logProbabilities]), hit]), hard]),
        ]),
      };
    },
  };
}

/**
 * The targets of {@link distillation}: the teacher's logits `[N, classes]` beside class indices `[N]`.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when the shapes do not belong together
 */
export function distillationTargets(teacher: Tensor<'float32'>, labels: Tensor<'int64'>): Tensor<'float32'> {
  const [batch, classes] = teacher.dims;
  if (teacher.dims.length !== 2 || elementCount(labels.dims) !== batch) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected logits [N, classes] and labels [N] for distillationTargets() but received [${teacher.dims.join(', ')}] and [${labels.dims.join(', ')}]`,
    );
  }
  const width = classes! + 1;
  const data = new Float32Array(batch! * width);
  for (let row = 0; row < batch!; row++) {
    data.set(teacher.data.subarray(row * classes!, (row + 1) * classes!), row * width);
    data[row * width + classes!] = Number(labels.data[row]);
  }
  return tensor('float32', [batch!, width], data);
}
