// Train in a worker thread of Node instead of a web worker.
export { findLearningRate } from './find-learning-rate.node.js';
export * from './index.js';
export { Trainer } from './trainer.node.js';
