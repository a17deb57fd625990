// The thread that trains in Node: weights, optimizer state and running statistics live here and never travel per step.
// Built to dist/train-worker.node.js.
import { parentPort } from 'node:worker_threads';
import { PerceptError } from '@percept/core';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { exposeStepWorker } from './expose-step-worker.js';

if (parentPort === null) {
  throw new PerceptError('TRAIN_WORKER_FAILED', 'Expected to be started as a worker thread by Trainer');
}
const port = parentPort;
port.on(
  'message',
  exposeStepWorker(
    ({ exitGuard }) => onnxruntimeNode({ worker: false, ...(exitGuard === undefined ? {} : { exitGuard }) }),
    (reply) => port.postMessage(reply),
    () => port.close(),
  ),
);
