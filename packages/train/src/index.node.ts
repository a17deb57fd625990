export type { EpochRecord } from './checkpoint.js';
export * from './index.js';
export { Trainer } from './trainer.js';
export type { CheckpointOptions, TrainerOptions } from './trainer-options.js';
export type { TrainResult } from './training-run.js';
