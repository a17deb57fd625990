import type { StepRunner } from './step-executor.js';
import { StepThread } from './step-thread.js';
import type { StepReply, StepWorkerOptions } from './step-worker-protocol.js';

/** Starts a module worker that trains with onnxruntime-web. */
export function startStepWorker(options: StepWorkerOptions): StepRunner {
  const worker = new Worker(new URL('../dist/train-worker.js', import.meta.url), {
    type: 'module',
    name: 'percept-train',
  });
  return new StepThread(
    {
      post: (request, transfer) => worker.postMessage(request, transfer),
      onReply: (listener) => worker.addEventListener('message', ({ data }) => listener(data as StepReply)),
      onFailure(listener) {
        worker.addEventListener('error', (event) => {
          // It reaches the caller as a rejection, and need not stand in the console as well.
          event.preventDefault();
          listener(event.error ?? event.message ?? 'its script could not be loaded');
        });
        worker.addEventListener('messageerror', () => listener('a message could not be read'));
      },
      end: async () => worker.terminate(),
    },
    options,
  );
}
