// The labels that the trainer sees: one float32 row for every image, the teacher's logits first, then what the hard loss
// compares with, then the teacher's inner values.
import { type Batch, elementCount, PerceptError, type Tensor, tensor } from '@percept/core';
import type { Loss, LossTargets } from '@percept/train';

/** Columns of a row. */
export interface TargetLayout {
  readonly classes: number;
  /** Columns of the hard label: 1 for a class index. */
  readonly hard: number;
  /** Columns of every pair. */
  readonly widths: readonly number[];
}

/** What the labels of a loss must be. */
export function hardTargets({ targets }: Loss): LossTargets {
  return targets ?? { type: 'int64', dims: ([batch, , ...rest]) => [batch!, ...rest] };
}

/** Columns that the hard labels of a loss take beside scores of so many classes. */
export function hardWidth(loss: Loss, classes: number): number {
  return elementCount(hardTargets(loss).dims([1, classes]));
}

/** Columns of a whole row. */
export function rowWidth({ classes, hard, widths }: TargetLayout): number {
  return widths.reduce((sum, width) => sum + width, classes + hard);
}

/**
 * Puts hard labels and the teacher's rows (logits, then inner values) together.
 *
 * @throws PerceptError `OPTIMIZE_DISTILLATION_DATA_INVALID` for labels that the loss does not compare with
 */
export function targetRows(
  { inputs, labels }: Batch,
  teacher: Float32Array,
  layout: TargetLayout,
  loss: Loss,
): Tensor<'float32'> {
  const images = inputs.dims[0]!;
  const { classes, hard } = layout;
  checkLabels(labels, images, layout, loss);
  const width = rowWidth(layout);
  const given = width - hard;
  const rows = tensor('float32', [images, width]);
  for (let row = 0; row < images; row++) {
    const own = teacher.subarray(row * given, (row + 1) * given);
    rows.data.set(own.subarray(0, classes), row * width);
    for (let at = 0; at < hard; at++) rows.data[row * width + classes + at] = Number(labels.data[row * hard + at]);
    rows.data.set(own.subarray(classes), row * width + classes + hard);
  }
  return rows;
}

function checkLabels(labels: Batch['labels'], images: number, { classes, hard }: TargetLayout, loss: Loss): void {
  const { type, ignored } = hardTargets(loss);
  const invalid = (expected: string, received: string): PerceptError =>
    new PerceptError(
      'OPTIMIZE_DISTILLATION_DATA_INVALID',
      `Expected ${expected} for ${loss.description} but received ${received}. Check the labels and classes of the data, or give another hard loss: crossEntropy({ targets: 'probabilities' }) takes those of mixed images`,
    );
  if (labels.type !== type || labels.data.length !== images * hard) {
    throw invalid(
      `${type} labels, ${hard} for each of ${images} images,`,
      `${labels.type} [${labels.dims.join(', ')}]`,
    );
  }
  if (labels.type !== 'int64') return;
  for (const label of labels.data) {
    if (Number(label) !== ignored && (label < 0n || label >= BigInt(classes))) {
      throw invalid(`labels in [0, ${classes})`, String(label));
    }
  }
}
