import { isPerceptError } from '@percept/core';
import type { Runtime } from '@percept/onnx';
import { StepExecutor } from './step-executor.js';
import type { StepReply, StepRequest, StepWorkerOptions } from './step-worker-protocol.js';

/** Makes this thread the other end of a {@link StepThread}: gives the function that takes its requests. */
export function exposeStepWorker(
  makeRuntime: (options: StepWorkerOptions) => Runtime,
  reply: (message: StepReply) => void,
  closed: () => void,
): (request: StepRequest) => void {
  let executor: StepExecutor | undefined;
  const answer = async (request: StepRequest): Promise<unknown> => {
    if (request.call === 'open') {
      const [options] = request.args;
      executor = new StepExecutor(makeRuntime(options), options.session);
      return undefined;
    }
    const method = executor![request.call] as (...args: readonly unknown[]) => Promise<unknown>;
    return method.apply(executor, request.args);
  };
  // The executor answers in order, so the replies are in order, too.
  return (request) => {
    void answer(request)
      .then(
        (result): StepReply => ({ result }),
        (error): StepReply => ({
          error: isPerceptError(error)
            ? { code: error.code, message: error.message }
            : { code: 'TRAIN_WORKER_FAILED', message: String(error) },
        }),
      )
      .then((message) => {
        reply(message);
        if (request.call === 'close') closed();
      });
  };
}
