// The thread of one session: loads onnxruntime-node and the model, then answers runs one by one. Built as a file of its
// own (dist/session-worker.js), it imports nothing but onnxruntime-node.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { MessageChannel, parentPort, workerData } from 'node:worker_threads';
import { EngineFailure, type TracedEngine } from './engine.js';
import { openNodeEngine } from './onnxruntime-node.js';
import type { SerializedFailure, SessionReply, SessionRequest, SessionWorkerData } from './session-protocol.js';

type Work = Extract<SessionRequest, { kind: 'run' | 'end-profiling' }>;

const port = parentPort!;
const { model, options, tracePrefix, exitGuard } = workerData as SessionWorkerData;
const waiting: Work[] = [];
let closing = false;

function reply(message: SessionReply, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function serialize(error: unknown): SerializedFailure {
  if (error instanceof EngineFailure) return { kind: error.kind, message: error.message };
  return { kind: 'run', message: String(error) };
}

function serve(engine: TracedEngine): void {
  let busy = false;
  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (waiting.length > 0) {
      // One turn of the event loop, so that a cancellation sent meanwhile arrives before the thread is blocked again.
      await nextTurn();
      const next = waiting.shift();
      if (next?.kind === 'run') await run(engine, next);
      else if (next !== undefined) await endProfiling(engine, next.id);
    }
    if (closing) {
      await engine.close();
      port.close();
    } else {
      busy = false;
    }
  };
  port.on('message', (request: SessionRequest) => {
    if (request.kind === 'run' || request.kind === 'end-profiling') waiting.push(request);
    else if (request.kind === 'close') closing = true;
    else {
      const index = waiting.findIndex(({ id }) => id === request.id);
      if (index >= 0) waiting.splice(index, 1);
    }
    void pump();
  });
}

async function run(
  engine: TracedEngine,
  { id, feeds, outputs }: Extract<SessionRequest, { kind: 'run' }>,
): Promise<void> {
  try {
    const results = await engine.run(feeds, { outputs, transfer: false, signal: undefined });
    const buffers = new Set<ArrayBuffer>();
    for (const { data } of Object.values(results)) if (!Array.isArray(data)) buffers.add(data.buffer as ArrayBuffer);
    reply({ kind: 'result', id, results }, [...buffers]);
  } catch (error) {
    reply({ kind: 'failed', id, failure: serialize(error) });
  }
}

async function endProfiling(engine: TracedEngine, id: number): Promise<void> {
  try {
    await engine.endProfiling();
    reply({ kind: 'profiling-ended', id });
  } catch (error) {
    reply({ kind: 'failed', id, failure: serialize(error) });
  }
}

/**
 * Frees the bytes that the session was made of, of which onnxruntime has copies. A thread that waits for work collects no
 * garbage, so they are sent where nobody listens.
 */
function freeModel(): void {
  // Settings by which onnxruntime reads on in the bytes of a model of its own format.
  if (Object.keys(options.configEntries ?? {}).some((key) => key.startsWith('session.use_ort_model_bytes'))) return;
  const { port1, port2 } = new MessageChannel();
  const files = (options.externalData ?? []).map(({ data }) => data.buffer as ArrayBuffer);
  port1.postMessage(null, [model.buffer as ArrayBuffer, ...files]);
  port2.close();
}

async function start(): Promise<void> {
  try {
    const engine = await openNodeEngine(model, options, { exitGuard, tracePrefix });
    freeModel();
    serve(engine);
    const { inputs, outputs, provider, refused, cpuFallback } = engine;
    reply({ kind: 'ready', inputs, outputs, provider, refused, cpuFallback });
  } catch (error) {
    reply({ kind: 'refused', failure: serialize(error) });
    port.close();
  }
}

void start();
