export { type ConsoleTrackerOptions, consoleTracker } from './console-tracker.js';
export { type CsvTrackerOptions, csvTracker } from './csv-tracker.js';
export { manyTrackers } from './many-trackers.js';
export { type TensorboardStorageOptions, tensorboardTracker } from './tensorboard-tracker.js';
