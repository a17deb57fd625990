// Wires the parts of the page: storage, worker, camera, and the three steps.
import type { Storage } from '@percept/storage';
import { opfsStorage } from '@percept/storage/backends/opfs';
import { CameraPanel } from './camera-panel.js';
import { ClassesPanel } from './classes-panel.js';
import { announce, byId, showText } from './dom.js';
import { deleteAll } from './json-files.js';
import { keys } from './keys.js';
import { inWords } from './plain-error.js';
import { displayName, Samples } from './samples.js';
import { StartPanel } from './start-panel.js';
import { TeachPanel } from './teach-panel.js';
import type { TeacherFunctions } from './teacher.worker.js';
import { UsePanel } from './use-panel.js';
import { WorkerCalls } from './worker-calls.js';

/** Pictures that the model judges at once. */
const judgedAtOnce = 8;

async function open(storage: Storage): Promise<void> {
  const worker = new Worker(new URL('./teacher.worker.ts', import.meta.url), { type: 'module', name: 'teacher' });
  const teacher = new WorkerCalls<TeacherFunctions>(worker);
  const samples = await Samples.open(storage);
  const camera = new CameraPanel((picture) => teacher.call('look', picture, { transfer: [picture] }));
  const start = new StartPanel(storage, (bytes, pixels) => teacher.call('check', { bytes, pixels }));

  const classes = new ClassesPanel(samples, {
    cameraPicture: () => camera.picture(),
    square: (picture) => camera.without(() => teacher.call('square', picture, { transfer: [picture] })),
    changed: () => teach.changed(),
  });

  const use = new UsePanel({
    storage,
    async use(bytes) {
      const { labels, engine } = await teacher.call('use', bytes);
      showEngine(engine);
      return labels;
    },
    inUse(labels, { epochs }) {
      camera.useLabels(labels);
      teach.showHistory(epochs);
      void judge(labels);
    },
    async opened(bytes, labels, name) {
      const untouched = samples.classes.every(({ name, pictures }) => name === '' && pictures.length === 0);
      if (untouched) {
        for (const [index, label] of labels.slice(0, 12).entries()) {
          const taught = samples.classes[index] ?? samples.addClass();
          samples.rename(taught.id, label);
        }
        classes.show();
      }
      announce(`Opened ${name}. It tells apart ${labels.join(', ')}`);
      await start.offer(bytes, name);
    },
    forget: async () => {
      camera.useLabels([]);
      await samples.settled();
      await deleteAll(storage, '');
      location.reload();
    },
  });

  const teach = new TeachPanel({
    storage,
    lessonClasses: () => samples.lessonClasses(),
    startingNote: () => start.note,
    learn: (lesson, note, options) => camera.without(() => teacher.call('learn', { lesson, note }, options)),
    lock(locked) {
      classes.locked = locked;
      start.locked = locked;
      use.locked = locked;
    },
    learnt: async (model, epochs) => {
      await use.take(model, { epochs });
    },
  });

  /** Marks the pictures that the model takes for another class than they are kept for. */
  async function judge(labels: readonly string[]): Promise<void> {
    const doubts = new Map<string, string>();
    const named = samples.classes.flatMap((taught, index) =>
      taught.pictures.map(({ key }) => ({ key, name: displayName(taught, index) })),
    );
    classes.markDoubts(doubts);
    if (!named.every(({ name }) => labels.includes(name))) return;
    for (let first = 0; first < named.length; first += judgedAtOnce) {
      const some = named.slice(first, first + judgedAtOnce);
      const present = some.filter(({ key }) => samples.classes.some((c) => c.pictures.some((p) => p.key === key)));
      const pictures = present.map(({ key }) => key);
      const scores = pictures.length === 0 ? [] : await teacher.call('judge', pictures).catch(() => undefined);
      if (scores === undefined) return;
      for (const [at, { key, name }] of present.entries()) {
        const best = labels[scores[at]!.indexOf(Math.max(...scores[at]!))]!;
        classes.noteScores(key, scores[at]!);
        if (best !== name) doubts.set(key, best);
      }
    }
    classes.markDoubts(doubts);
  }

  await start.open();
  await use.open();
  teach.showAdvice();
  document.body.dataset.ready = '';
  await teach.resume();
}

function showEngine(engine: 'webgpu' | 'wasm'): void {
  const threads = crossOriginIsolated ? '' : ', on one thread';
  byId('engine-text').textContent =
    engine === 'webgpu' ? 'Computes on the graphics card.' : `Computes on the processor${threads}.`;
}

/** Two windows would write into the same files: the second one waits until the first is closed. */
async function whenAlone(work: () => Promise<void>): Promise<void> {
  const waiting = setTimeout(
    () => showText(byId('start-problem'), 'This page is open in another window. Go on there, or close it.'),
    1500,
  );
  await navigator.locks.request('teach-in-browser', async () => {
    clearTimeout(waiting);
    showText(byId('start-problem'), undefined);
    await work();
    // Held as long as the page is there.
    await new Promise(() => undefined);
  });
}

try {
  // Asked for once there is something to lose; browsers answer by themselves.
  void navigator.storage?.persist?.();
  await whenAlone(() => open(opfsStorage(keys.folder)));
} catch (error) {
  byId('start-title').textContent = 'This browser cannot run the page';
  byId('start-text').textContent = 'It needs a browser of the last two years, on https or localhost.';
  showText(byId('start-problem'), inWords(error));
}
