export { type ConsoleTrackerOptions, consoleTracker } from './console-tracker.js';
export { type CsvTrackerOptions, csvTracker } from './csv-tracker.js';
export { manyTrackers } from './many-trackers.js';
export type { TensorboardStorageOptions } from './tensorboard-tracker.js';
export { type TensorboardDirectoryOptions, tensorboardTracker } from './tensorboard-tracker.node.js';
