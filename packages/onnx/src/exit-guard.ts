// Node stops its worker threads when the process ends. A thread that is inside onnxruntime at that moment makes the
// native code throw where nobody can catch it, and the process aborts with a core dump instead of its exit code. So the
// process waits, while it ends, until no session is inside a native call.

import { switchTelemetryOff } from './telemetry.js';

/** Longest time that the end of a process is delayed. */
const patienceMs = 10_000;

/** Shared by a session's worker and the thread that owns it: how many native calls are under way, whether more may start. */
export interface WorkGate {
  /** Called by the worker before native code; when it gives `false`, the process is ending and nothing may start. */
  enter(): boolean;
  /** Called by the worker after native code, if it entered. */
  leave(): void;
}

/** The gate over memory made by {@link guardExit}. */
export function workGate(memory: SharedArrayBuffer): WorkGate {
  const [calls, ending] = views(memory);
  const leave = (): void => {
    Atomics.sub(calls, 0, 1);
    Atomics.notify(calls, 0);
  };
  return {
    enter() {
      Atomics.add(calls, 0, 1);
      if (Atomics.load(ending, 0) === 0) return true;
      leave();
      return false;
    },
    leave,
  };
}

const guarded = new Set<SharedArrayBuffer>();

/** Keeps the process from ending while a worker thread of it is inside onnxruntime. */
export interface ExitGuard {
  /** To be handed to the worker, for `onnxruntimeNode({ worker: false, exitGuard: memory })` there. */
  readonly memory: SharedArrayBuffer;
  /** Ends the watch: to be called when the worker has exited. */
  release(): void;
}

/**
 * Guards a worker thread that runs models with `worker: false`: when the process ends, by its end or `process.exit()`, it
 * waits until no run is under way in that thread (10 seconds at most). Without this, Node stops the thread inside
 * native code and the process aborts. Sessions with a worker of their own are guarded already.
 *
 * `worker.terminate()` is not covered: let the run end before, or ask the worker to exit by itself.
 */
export function guardExit(): ExitGuard {
  switchTelemetryOff();
  const memory = new SharedArrayBuffer(8);
  if (guarded.size === 0) process.once('exit', waitForAll);
  guarded.add(memory);
  return {
    memory,
    release() {
      guarded.delete(memory);
      if (guarded.size === 0) process.off('exit', waitForAll);
    },
  };
}

function waitForAll(): void {
  for (const memory of guarded) Atomics.store(views(memory)[1], 0, 1);
  const deadline = Date.now() + patienceMs;
  for (const memory of guarded) {
    const [calls] = views(memory);
    for (let count = Atomics.load(calls, 0); count > 0 && Date.now() < deadline; count = Atomics.load(calls, 0)) {
      Atomics.wait(calls, 0, count, deadline - Date.now());
    }
  }
}

function views(memory: SharedArrayBuffer): [calls: Int32Array, ending: Int32Array] {
  return [new Int32Array(memory, 0, 1), new Int32Array(memory, 4, 1)];
}
