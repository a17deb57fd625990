export * from './index.js';
// Trains in a worker thread of Node instead of a web worker.
export { Trainer } from './trainer.node.js';
