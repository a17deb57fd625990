import { Worker } from 'node:worker_threads';
import { guardExit } from '@percept/onnx/backends/node';
import type { StepRunner } from './step-executor.js';
import { StepThread } from './step-thread.js';
import type { StepWorkerOptions } from './step-worker-protocol.js';

/** Starts a worker thread that trains with onnxruntime-node. */
export function startStepWorker(options: StepWorkerOptions): StepRunner {
  const guard = guardExit();
  const worker = new Worker(new URL('../dist/train-worker.node.js', import.meta.url), {
    name: 'percept-train',
    // The worker is plain built JavaScript: flags that the main thread was started with are not for it.
    execArgv: [],
  });
  worker.on('exit', () => guard.release());
  const port = {
    post: (request: unknown, transfer: ArrayBuffer[]) => worker.postMessage(request, transfer),
    onReply: (listener: Parameters<typeof worker.on>[1]) => void worker.on('message', listener),
    onFailure(listener: (reason: unknown) => void) {
      worker.on('error', listener);
      worker.on('messageerror', listener);
      worker.on('exit', (code) => listener(`exit code ${code}`));
    },
    end: async () => void (await worker.terminate()),
  };
  return new StepThread(port, { ...options, exitGuard: guard.memory });
}
