// The thread that trains: weights, optimizer state and running statistics live here and never travel per step. Built to
// dist/train-worker.js.
import { type MessagePort, parentPort } from 'node:worker_threads';
import { isPerceptError, PerceptError, type Tensor } from '@percept/core';
import type { Session } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { nextPrefix, stepNames } from './training-step.js';
import type { StepResult, WorkerReply, WorkerRequest } from './worker-protocol.js';

const runtime = onnxruntimeNode({ worker: false });
const sessions = new Map<string, Session>();
let state = new Map<string, Tensor>();

async function answer(request: WorkerRequest): Promise<WorkerReply> {
  switch (request.kind) {
    case 'load': {
      const { graph, model, threads } = request;
      sessions.set(
        graph,
        await runtime.createSession(model, {
          ...(threads === undefined ? {} : { threads }),
          // The last level would convert activations to a blocked layout and back around every pooling: convolutions,
          // whose weights are inputs here, do not use it.
          graphOptimization: 'extended',
        }),
      );
      return { kind: 'done' };
    }
    case 'restore':
      state = new Map(request.state);
      return { kind: 'done' };
    case 'step':
      return { kind: 'step', result: await step(sessions.get(request.graph)!, request.feeds) };
    case 'snapshot':
      return { kind: 'snapshot', state };
    case 'close':
      for (const session of sessions.values()) await session.close();
      return { kind: 'done' };
  }
}

async function step(session: Session, feeds: Readonly<Record<string, Tensor>>): Promise<StepResult> {
  const results = await session.run({ ...Object.fromEntries(state), ...feeds });
  const [loss, correct] = [scalar(results[stepNames.loss]!), scalar(results[stepNames.correct]!)];
  // A diverged step leaves the state as it was, so that what is kept is still finite.
  if (Number.isFinite(loss)) for (const name of state.keys()) state.set(name, results[nextPrefix + name]!);
  return { loss, correct };
}

function scalar(tensor: Tensor): number {
  return Number(tensor.data[0]);
}

function failure(error: unknown): WorkerReply {
  if (isPerceptError(error)) return { kind: 'failed', code: error.code, message: error.message };
  return { kind: 'failed', code: 'TRAIN_WORKER_FAILED', message: String(error) };
}

function serve(port: MessagePort): void {
  let last: Promise<void> = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    last = last.then(async () => {
      port.postMessage(await answer(request).catch(failure));
      if (request.kind === 'close') port.close();
    });
  });
}

if (parentPort === null) {
  throw new PerceptError('TRAIN_WORKER_FAILED', 'Expected to be started as a worker thread by Trainer');
}
serve(parentPort);
