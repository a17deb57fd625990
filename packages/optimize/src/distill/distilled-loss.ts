import { distillation, type EmittedLoss, type Loss, type StepBuilder } from '@percept/train';
import type { FeaturePair } from './feature-pairs.js';
import { emitAngleLoss, emitDistanceLoss } from './relational-loss.js';
import { hardTargets, rowWidth, type TargetLayout } from './target-layout.js';

/** What a distilled loss is made of. */
export interface DistilledLossOptions {
  /** Columns of the targets. */
  readonly layout: TargetLayout;
  /** What teacher's and student's logits are divided by. */
  readonly temperature: number;
  /** Factor of T² KL(teacher / T ‖ student / T). */
  readonly soft: number;
  /** Factor of the loss with the labels. */
  readonly hard: number;
  readonly hardLoss: Loss;
  /** What is compared beside the scores, with the columns that it has in the student's output. */
  readonly features: readonly { readonly pair: FeaturePair; readonly width: number }[];
}

/** A part of the loss: its gradient is in the shape of the columns of the student's output that it reads. */
interface Part extends EmittedLoss {
  readonly factor: number;
}

/**
 * The loss of a student whose output is `[N, classes + features]`, with targets of a {@link TargetLayout}: the soft loss
 * of Hinton et al. 2015 (arXiv:1503.02531), the hard one, and the losses of inner values.
 */
export function distilledLoss(options: DistilledLossOptions): Loss {
  const { layout, temperature, soft, hard, hardLoss, features } = options;
  const { classes, widths } = layout;
  const targets = hardTargets(hardLoss);
  const softLoss = distillation({ temperature, alpha: 1 });
  const hardLabels = (g: StepBuilder, labels: string, batch: number): string => {
    const given = columns(g, labels, classes, layout.hard);
    const typed = targets.type === 'int64' ? g.node('Cast', [given], { to: 7 }) : given;
    return g.reshape(typed, targets.dims([batch, classes]));
  };
  const rightClasses = (g: StepBuilder, labels: string, batch: number): string | undefined => {
    const given = hardLabels(g, labels, batch);
    if (hardLoss.emitClasses !== undefined) return hardLoss.emitClasses(g, given, [batch, classes]);
    return targets.type === 'int64' ? given : undefined;
  };
  /** Names that stand for the right classes, see `emitClasses`, with the classes of the labels. */
  const promised = new WeakMap<StepBuilder, { readonly name: string; readonly labelled: string }>();
  return {
    description: `distilled(${JSON.stringify({ temperature, soft, hard, hardLoss: hardLoss.description, features })})`,
    targets: { type: 'float32', dims: ([batch]) => [batch!, rowWidth(layout)] },
    // Right answers are counted over the whole output. Where that is more than the scores, the class that is told is the
    // largest column of all where the scores are right, and none where they are not; the scores come with `emit` only.
    emitClasses(g, labels, [batch]) {
      const labelled = rightClasses(g, labels, batch!);
      if (features.length === 0 || labelled === undefined) return labelled;
      const name = g.freshName('rightClasses');
      promised.set(g, { name, labelled });
      return name;
    },
    emit(g, output, labels, [batch]) {
      const images = batch!;
      const scores = features.length === 0 ? output : columns(g, output, 0, classes);
      const promise = promised.get(g);
      if (promise !== undefined) {
        const hit = g.node('Equal', [g.node('ArgMax', [scores], { axis: 1, keepdims: 0 }), promise.labelled]);
        const largest = g.node('ArgMax', [output], { axis: 1, keepdims: 0 });
        g.node('Where', [hit, largest, g.integers([-1])], {}, { outputs: [promise.name] });
      }
      const ofScores: Part[] = [];
      // Its targets have a class index behind the logits, which counts for nothing at alpha 1.
      const withIndex = columns(g, labels, 0, classes + 1);
      if (soft > 0) ofScores.push({ factor: soft, ...softLoss.emit(g, scores, withIndex, [images, classes]) });
      if (hard > 0) {
        const given = hardLabels(g, labels, images);
        ofScores.push({ factor: hard, ...hardLoss.emit(g, scores, given, [images, classes], classes) });
      }
      const groups = [together(g, ofScores, [images, classes])];
      let [own, theirs] = [classes, classes + layout.hard];
      for (const [index, { pair, width }] of features.entries()) {
        const student = { value: columns(g, output, own, width), width };
        const teacher = { value: columns(g, labels, theirs, widths[index]!), width: widths[index]! };
        groups.push(together(g, emitPair(g, pair, student, teacher, images), [images, width]));
        own += width;
        theirs += widths[index]!;
      }
      const values = groups.map(({ value }) => value);
      const gradients = groups.map(({ gradient }) => gradient);
      return {
        value: values.length === 1 ? values[0]! : g.node('Sum', values),
        gradient: gradients.length === 1 ? gradients[0]! : g.node('Concat', gradients, { axis: 1 }),
      };
    },
  };
}

interface Rows {
  readonly value: string;
  readonly width: number;
}

function emitPair(g: StepBuilder, pair: FeaturePair, student: Rows, teacher: Rows, batch: number): Part[] {
  if (pair.kind !== 'relation') return [{ factor: pair.weight, ...squaredError(g, student, teacher, batch) }];
  const { distance, angle } = pair;
  return [
    ...(distance > 0 ? [{ factor: distance, ...emitDistanceLoss(g, student, teacher, batch) }] : []),
    ...(angle > 0 ? [{ factor: angle, ...emitAngleLoss(g, student, teacher, batch) }] : []),
  ];
}

/** Mean squared error, over the batch and all columns. */
function squaredError(g: StepBuilder, { value, width }: Rows, teacher: Rows, batch: number): EmittedLoss {
  const difference = g.node('Sub', [value, teacher.value]);
  const sum = g.reduceSum(g.node('Mul', [difference, difference]), [0, 1]);
  return {
    value: g.node('Mul', [sum, g.scalar(1 / (batch * width))]),
    gradient: g.node('Mul', [difference, g.scalar(2 / (batch * width))]),
  };
}

/** The weighted sum of losses of the same columns; 0 of none. */
function together(g: StepBuilder, parts: readonly Part[], dims: readonly number[]): EmittedLoss {
  const [first] = parts;
  if (first === undefined) return { value: g.scalar(0), gradient: g.fill(dims, 0) };
  const sum = (of: (part: Part) => string): string => {
    const terms = parts.map((part) =>
      part.factor === 1 ? of(part) : g.node('Mul', [of(part), g.scalar(part.factor)]),
    );
    return terms.length === 1 ? terms[0]! : g.node('Sum', terms);
  };
  return { value: sum(({ value }) => value), gradient: sum(({ gradient }) => gradient) };
}

/** Columns `[start, start + width)` of a value `[N, …]`. */
function columns(g: StepBuilder, value: string, start: number, width: number): string {
  return g.slice(value, { starts: [start], ends: [start + width], axes: [1], steps: [1] });
}
