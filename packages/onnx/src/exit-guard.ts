// Node stops its worker threads when the process ends. A thread that is inside onnxruntime at that moment makes the
// native code throw where nobody can catch it, and the process aborts with a core dump instead of its exit code. So the
// process waits, while it ends, until no session is inside a native call.

const idle = 0;
const busy = 1;

/** Longest time that the end of a process is delayed. */
const patienceMs = 10_000;

/** Shared by a session's worker and the thread that owns it: whether native code is running, whether it may start. */
export interface WorkGate {
  /** Called by the worker before native code; when it gives `false`, the process is ending and nothing may start. */
  enter(): boolean;
  /** Called by the worker after native code. */
  leave(): void;
}

/** The gate over memory made by {@link guardExit}. */
export function workGate(memory: SharedArrayBuffer): WorkGate {
  const [state, ending] = views(memory);
  return {
    enter() {
      Atomics.store(state, 0, busy);
      if (Atomics.load(ending, 0) === 0) return true;
      this.leave();
      return false;
    },
    leave() {
      Atomics.store(state, 0, idle);
      Atomics.notify(state, 0);
    },
  };
}

const guarded = new Set<SharedArrayBuffer>();

/** Makes the memory of a gate, and watches over it until `release` is called. */
export function guardExit(): { memory: SharedArrayBuffer; release(): void } {
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
  for (const memory of guarded) Atomics.wait(views(memory)[0], 0, busy, Math.max(0, deadline - Date.now()));
}

function views(memory: SharedArrayBuffer): [state: Int32Array, ending: Int32Array] {
  return [new Int32Array(memory, 0, 1), new Int32Array(memory, 4, 1)];
}
