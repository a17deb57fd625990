export type { EpochRecord } from './checkpoint.js';
export * from './index.js';
export { Trainer, type TrainResult } from './trainer.js';
export type { CheckpointOptions, TrainerOptions } from './trainer-options.js';
