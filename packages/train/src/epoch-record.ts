/** Figures of one finished epoch. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  /** Mean loss over the epoch's images, in training mode. */
  readonly trainLoss: number;
  /** Share of right answers over the epoch's images, in training mode, 0..1; absent where the loss compares no classes. */
  readonly trainAccuracy?: number;
  /** Mean loss over the validation images after the epoch. */
  readonly validationLoss?: number;
  /** Share of right answers over the validation images after the epoch, 0..1. */
  readonly validationAccuracy?: number;
  /** Learning rate of the epoch's last step. */
  readonly learningRate: number;
  /** Wall-clock time of the epoch's steps, validation and checkpoints left out. */
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** What callbacks gave for the epoch, by name. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** An epoch that is among the best. */
export interface BestEpoch {
  /** Counted from 1. */
  readonly epoch: number;
  /** What it was judged by. */
  readonly value: number;
}

/** All figures of an epoch by name, those of callbacks among them. */
export function figuresOf({ epoch: _, metrics, ...figures }: EpochRecord): Readonly<Record<string, number>> {
  return { ...figures, ...metrics };
}
