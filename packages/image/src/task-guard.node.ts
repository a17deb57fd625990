// Native decoders and the end of their thread. A thread that is terminated while libjpeg-turbo decodes in it takes the whole
// process with it (its binding throws where nothing catches), and so does a process that exits meanwhile. So each worker
// counts the tasks under way in memory that both threads see: it is terminated at zero only, and an exiting process waits.

/** Tasks under way, and whether no more may begin. */
export type TaskCount = Int32Array<SharedArrayBuffer>;

/** The message that hands a worker its count, before any task. */
export interface TaskCountMessage {
  readonly tasks: TaskCount;
}

const [underWay, stopped] = [0, 1];
/** Longest wait of an exiting process for one task to end. */
const patienceMs = 5000;
const pollMs = 5;
const counts = new Set<TaskCount>();

/** A count for a new worker, waited for when the process exits. */
export function countTasks(): TaskCount {
  const tasks = new Int32Array(new SharedArrayBuffer(8));
  if (counts.size === 0) process.on('exit', waitForAll);
  counts.add(tasks);
  return tasks;
}

/** For a worker that has ended. */
export function forgetTasks(tasks: TaskCount): void {
  if (counts.delete(tasks) && counts.size === 0) process.off('exit', waitForAll);
}

/** Lets no more tasks begin, and calls `end` when none is under way. Keeps no process alive. */
export function afterTasks(tasks: TaskCount, end: () => void): void {
  Atomics.store(tasks, stopped, 1);
  const look = (): void => {
    if (Atomics.load(tasks, underWay) === 0) end();
    else setTimeout(look, pollMs).unref();
  };
  look();
}

function waitForAll(): void {
  for (const tasks of counts) Atomics.store(tasks, stopped, 1);
  for (const tasks of counts) {
    for (let count = Atomics.load(tasks, underWay); count > 0; count = Atomics.load(tasks, underWay)) {
      if (Atomics.wait(tasks, underWay, count, patienceMs) === 'timed-out') break;
    }
  }
}

/** In the worker: notes the begin of a task. `false`: it must not begin, but {@link leaveTask} is due all the same. */
export function enterTask(tasks: TaskCount): boolean {
  Atomics.add(tasks, underWay, 1);
  return Atomics.load(tasks, stopped) === 0;
}

/** In the worker: notes the end of a task, once native code has returned from telling of it. */
export function leaveTask(tasks: TaskCount): void {
  setImmediate(() => {
    Atomics.sub(tasks, underWay, 1);
    Atomics.notify(tasks, underWay);
  });
}
