// The thread that computes: it looks, learns and judges, so that the page stays quick.
/// <reference lib="webworker" />
import { decodeImage, encodeImage } from '@percept/image';
import { onnxruntimeWeb } from '@percept/onnx/backends/web';
import { opfsStorage } from '@percept/storage/backends/opfs';
import { type EngineName, hasGraphicsCard, type PageRuntime, pageRuntime } from './engine.js';
import { keys } from './keys.js';
import { type LearningProgress, type LearntEpoch, learn } from './learn.js';
import type { Lesson } from './lesson.js';
import { squareOf } from './square.js';
import { openWeights, type PixelRange, pretrainedStart, type StartingNote, untaughtStart } from './starting-point.js';
import { openTaught, type TaughtModel } from './taught-model.js';
import { answerCalls, type CallContext } from './worker-calls.js';

declare const self: DedicatedWorkerGlobalScope;

const storage = opfsStorage(keys.folder);
let runtime: Promise<PageRuntime> | undefined;
let taught: TaughtModel | undefined;

const theRuntime = (): Promise<PageRuntime> => {
  runtime ??= hasGraphicsCard().then((present) => pageRuntime(onnxruntimeWeb(), present));
  return runtime;
};

/** What is told while a lesson goes on. */
export type LessonReport = { readonly progress: LearningProgress } | { readonly epochs: readonly LearntEpoch[] };

/** What the page may ask for. */
const functions = {
  /** The small square of a picture, as PNG. */
  async square(bitmap: ImageBitmap): Promise<Uint8Array> {
    return encodeImage(squareOf(bitmap), { format: 'png' });
  },

  /** Says in words what is wrong with a file of weights; nothing when it can be taught. */
  async check({ bytes, pixels }: { bytes: Uint8Array; pixels: PixelRange }): Promise<void> {
    openWeights(bytes, pixels);
  },

  /** Learns, or goes on with what was interrupted, and gives the ONNX file. */
  async learn(
    { lesson, note }: { lesson: Lesson; note: StartingNote },
    { signal, report }: CallContext<LessonReport>,
  ): Promise<Uint8Array> {
    const { length } = lesson.classes;
    const start =
      note.untaught === true
        ? untaughtStart(length)
        : pretrainedStart(await storage.read(keys.weights), length, note.pixels);
    return learn(lesson, start, {
      storage,
      runtime: await theRuntime(),
      signal,
      onProgress: (progress) => report({ progress }),
      onEpochs: (epochs) => report({ epochs }),
    });
  },

  /** Uses a file from now on. */
  async use(bytes: Uint8Array): Promise<{ labels: readonly string[]; engine: EngineName }> {
    const opened = await openTaught(bytes, await theRuntime());
    const before = taught;
    taught = opened;
    await before?.close();
    return { labels: opened.labels, engine: (await theRuntime()).engine() };
  },

  /** What the model in use says about a picture of the camera: a probability per class. */
  async look(bitmap: ImageBitmap): Promise<number[] | undefined> {
    const picture = squareOf(bitmap);
    return (await taught?.score([picture]))?.[0];
  },

  /** What the model in use says about kept pictures. */
  async judge(pictures: readonly string[]): Promise<number[][] | undefined> {
    if (taught === undefined) return undefined;
    const images = await Promise.all(pictures.map(async (key) => decodeImage(await storage.read(key))));
    return taught.score(images);
  },
};

/** What the page may ask this thread for. */
export type TeacherFunctions = typeof functions;

answerCalls(functions, self);
