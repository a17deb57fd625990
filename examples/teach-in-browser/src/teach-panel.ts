// Teaching: from the press of the button, over a reload if there is one, to the model.
import type { Storage } from '@percept/storage';
import { adviceFor, whyNotTeachable } from './check-lesson.js';
import { showCurve } from './curve.js';
import { announce, byId, showText } from './dom.js';
import { deleteAll, readJson, writeJson } from './json-files.js';
import { keys } from './keys.js';
import type { LearningProgress, LearntEpoch } from './learn.js';
import type { Lesson, LessonClass } from './lesson.js';
import { inWords, wasStopped } from './plain-error.js';
import type { StartingNote } from './starting-point.js';
import type { LessonReport } from './teacher.worker.js';

/** What teaching needs from the rest of the page. */
export interface TeachingHelp {
  readonly storage: Storage;
  lessonClasses(): readonly LessonClass[];
  /** What learning begins with; `undefined` when there is nothing. */
  startingNote(): StartingNote | undefined;
  /** Learns in the worker and gives the ONNX file. */
  learn(
    lesson: Lesson,
    note: StartingNote,
    options: { signal: AbortSignal; onReport(report: LessonReport): void },
  ): Promise<Uint8Array>;
  /** Locks what must not change meanwhile. */
  lock(locked: boolean): void;
  /** Takes the model that came out. */
  learnt(model: Uint8Array, epochs: readonly LearntEpoch[]): Promise<void>;
}

/** A lesson as it is kept until it is done. */
interface KeptLesson {
  readonly lesson: Lesson;
  readonly note: StartingNote;
}

/** The part of the page that teaches. */
export class TeachPanel {
  readonly #help: TeachingHelp;
  #controller: AbortController | undefined;
  #epochs: readonly LearntEpoch[] = [];
  /** Whether the page says what stands in the way. */
  #hindered = false;

  constructor(help: TeachingHelp) {
    this.#help = help;
    byId('teach-start').addEventListener('click', () => void this.#begin());
    byId('teach-stop').addEventListener('click', () => this.#controller?.abort());
  }

  /** Goes on with a lesson that a reload interrupted. */
  async resume(): Promise<void> {
    const kept = await readJson<KeptLesson>(this.#help.storage, keys.lesson);
    if (kept !== undefined) await this.#run(kept);
  }

  /** Shows how the model in use was taught. */
  showHistory(epochs: readonly LearntEpoch[]): void {
    this.#epochs = epochs;
    showCurve(epochs);
    showText(byId('teach-outcome'), epochs.length === 0 ? undefined : outcomeOf(epochs.at(-1)!));
  }

  /** Names or pictures were changed: what was said about them may be out of date. */
  changed(): void {
    if (this.#hindered) this.#findObstacle();
    this.showAdvice();
  }

  /** Says what could be better before it is taught. */
  showAdvice(): void {
    if (this.#controller !== undefined) return;
    const classes = this.#help.lessonClasses();
    const ready = whyNotTeachable(classes) === undefined;
    byId('teach-text').textContent =
      (ready ? adviceFor(classes) : undefined) ?? 'It takes less than a minute for a hundred pictures.';
  }

  async #begin(): Promise<void> {
    const { storage, lessonClasses, startingNote } = this.#help;
    const note = startingNote();
    this.#findObstacle();
    if (this.#hindered || note === undefined) return;
    const classes = lessonClasses();
    const kept = { lesson: { id: crypto.randomUUID(), classes }, note };
    try {
      await deleteAll(storage, keys.lessonFolder);
      await writeJson(storage, keys.lesson, kept);
    } catch (error) {
      return showText(byId('teach-problem'), inWords(error));
    }
    await this.#run(kept);
  }

  /** Says what stands in the way of teaching, or that nothing does any more. */
  #findObstacle(): void {
    const obstacle =
      whyNotTeachable(this.#help.lessonClasses()) ??
      (this.#help.startingNote() === undefined
        ? 'Choose what learning begins with first, at the top of the steps.'
        : undefined);
    this.#hindered = obstacle !== undefined;
    showText(byId('teach-problem'), obstacle);
  }

  async #run({ lesson, note }: KeptLesson): Promise<void> {
    const { storage, learn, lock, learnt } = this.#help;
    const controller = new AbortController();
    this.#controller = controller;
    lock(true);
    this.showHistory([]);
    showText(byId('teach-problem'), undefined);
    this.#showRunning(true);
    announce('Learning has begun');
    try {
      const onReport = (report: LessonReport): void => this.#take(report);
      const model = await learn(lesson, note, { signal: controller.signal, onReport });
      byId('teach-text').textContent = 'Keeping the model…';
      await learnt(model, this.#epochs);
      await deleteAll(storage, keys.lessonFolder);
      this.showHistory(this.#epochs);
      announce(`Taught. ${byId('teach-outcome').textContent}`);
    } catch (error) {
      this.showHistory([]);
      await deleteAll(storage, keys.lessonFolder).catch(() => undefined);
      if (wasStopped(error)) announce('Stopped');
      else showText(byId('teach-problem'), inWords(error));
    } finally {
      this.#controller = undefined;
      this.#showRunning(false);
      lock(false);
      this.showAdvice();
    }
  }

  #take(report: LessonReport): void {
    if ('progress' in report) this.#showProgress(report.progress);
    else this.#showEpochs(report.epochs);
  }

  #showEpochs(epochs: readonly LearntEpoch[]): void {
    this.#epochs = epochs;
    showCurve(epochs);
  }

  #showProgress({ stage, share, secondsLeft }: LearningProgress): void {
    byId<HTMLProgressElement>('teach-progress').value = share;
    const what = stage === 'looking' ? 'Looking at every picture once' : 'Learning to tell them apart';
    const left = secondsLeft === undefined ? '' : `, ${secondsInWords(secondsLeft)}`;
    byId('teach-text').textContent = `${what}: ${Math.round(share * 100)} %${left}`;
  }

  #showRunning(running: boolean): void {
    byId('teach-start').hidden = running;
    byId('teach-stop').hidden = !running;
    const progress = byId<HTMLProgressElement>('teach-progress');
    progress.hidden = !running;
    if (!running) return;
    progress.removeAttribute('value');
    byId('teach-text').textContent = 'Opening the network…';
  }
}

function secondsInWords(seconds: number): string {
  if (seconds < 2) return 'nearly done';
  return seconds < 90 ? `about ${Math.ceil(seconds)} seconds left` : `about ${Math.ceil(seconds / 60)} minutes left`;
}

function outcomeOf({ trainAccuracy, validationAccuracy }: LearntEpoch): string {
  if (validationAccuracy !== undefined) {
    return `It recognises ${percent(validationAccuracy)} of the pictures that were kept aside.`;
  }
  return `It recognises ${percent(trainAccuracy ?? 0)} of the pictures that it learnt from. With five of each and more, some are kept aside to check with.`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
