// The training itself.
import type { Image, Progress } from '@percept/core';
import { decodeImage } from '@percept/image';
import { writeModel } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import {
  adam,
  cosineAnnealingLR,
  type EpochRecord,
  exportInference,
  Trainer,
  type TrainingCallback,
} from '@percept/train';
import type { PageRuntime } from './engine.js';
import { readJson, writeJson } from './json-files.js';
import { keys } from './keys.js';
import { type LabelledPicture, type Lesson, pictureBatches, splitLesson } from './lesson.js';
import type { StartingPoint } from './starting-point.js';

/** Figures of one pass over the pictures. Losses and shares are means over pictures. */
export type LearntEpoch = Pick<
  EpochRecord,
  'epoch' | 'trainLoss' | 'trainAccuracy' | 'validationLoss' | 'validationAccuracy'
>;

/** How far the learning has come. */
export interface LearningProgress {
  /** `looking`: the pictures pass through the layers that stay. `learning`: the others are taught. */
  readonly stage: 'looking' | 'learning';
  /** 0..1 within the stage. */
  readonly share: number;
  /** Absent until it can be told. */
  readonly secondsLeft?: number;
}

/** Where a training runs and who is told. */
export interface LearnContext {
  readonly storage: Storage;
  readonly runtime: PageRuntime;
  readonly signal: AbortSignal;
  onProgress(progress: LearningProgress): void;
  /** All epochs so far, those before a reload among them. */
  onEpochs(epochs: readonly LearntEpoch[]): void;
}

/** Passes over the pictures. */
const epochs = 40;
const batchSize = 16;

/**
 * Teaches a model the classes of a lesson and gives the bytes of the ONNX file. With the same lesson it goes on where an
 * interrupted training stood.
 */
export async function learn(lesson: Lesson, start: StartingPoint, context: LearnContext): Promise<Uint8Array> {
  const { storage, runtime, signal } = context;
  const { model, preprocess, freezing } = start;
  const { learnt, kept } = splitLesson(lesson);
  const read = pictureReader(storage, { again: freezing === undefined });
  const classes = lesson.classes.map(({ name }) => name);
  const batches = (pictures: readonly LabelledPicture[], shuffleSeed?: number) =>
    pictureBatches(pictures, {
      classes,
      preprocess,
      batchSize,
      read,
      ...(shuffleSeed === undefined ? {} : { shuffleSeed }),
    });
  const trainer = new Trainer({
    model,
    data: batches(learnt, freezing === undefined ? 0 : undefined),
    ...(kept.length === 0 ? {} : { validation: batches(kept) }),
    ...(freezing === undefined ? {} : { freeze: freezing, features: { storage, key: keys.features } }),
    epochs,
    optimizer: adam({ learningRate: 0.001 }),
    schedule: cosineAnnealingLR({ tMax: epochs }),
    metadata: { preprocess, lineage: { runId: lesson.id } },
    checkpoint: { storage, key: keys.checkpoint },
    callbacks: [await epochWriter(context), breathing()],
    runtime,
  });
  const onProgress = progressInWords(Math.ceil(learnt.length / batchSize), Math.ceil(kept.length / batchSize), context);
  const trained = await trainer.fit({ signal, onProgress });
  return writeModel(exportInference(trained.model, { activation: 'Softmax' }));
}

/** Pictures by key; those that are asked for again and again are decoded once. */
function pictureReader(storage: Storage, { again }: { again: boolean }): (key: string) => Promise<Image> {
  const decoded = new Map<string, Promise<Image>>();
  return (key) => {
    const picture = decoded.get(key) ?? storage.read(key).then((bytes) => decodeImage(bytes));
    if (again) decoded.set(key, picture);
    return picture;
  };
}

/** Keeps the figures of the epochs, so that the curve is whole after a reload. */
async function epochWriter({ storage, onEpochs }: LearnContext): Promise<TrainingCallback> {
  let known: LearntEpoch[] = (await readJson(storage, keys.epochs)) ?? [];
  return {
    onStart({ epoch }) {
      known = known.filter((record) => record.epoch <= epoch);
      onEpochs(known);
    },
    async onEpochEnd({ epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy }) {
      const figures = { epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy };
      known.push(JSON.parse(JSON.stringify(figures)) as LearntEpoch);
      onEpochs(known);
      await writeJson(storage, keys.epochs, known);
      return undefined;
    },
  };
}

/** Lets the worker take messages between the steps, such as the wish to stop: WebAssembly alone would never wait. */
function breathing(): TrainingCallback {
  let last = performance.now();
  return {
    async onStep() {
      if (performance.now() - last < 40) return;
      await new Promise((resolve) => setTimeout(resolve));
      last = performance.now();
    },
  };
}

function progressInWords(
  learntBatches: number,
  keptBatches: number,
  { onProgress }: LearnContext,
): (progress: Progress) => void {
  const started = performance.now();
  return ({ stage, done, total, values }) => {
    if (stage === 'train') {
      const { secondsLeft } = values ?? {};
      onProgress({
        stage: 'learning',
        share: done / total!,
        ...(Number.isFinite(secondsLeft) ? { secondsLeft: secondsLeft! } : {}),
      });
    } else if (stage.startsWith('features')) {
      const passed = stage.includes('validation') ? learntBatches + done : done;
      const share = passed / (learntBatches + keptBatches);
      const seconds = (performance.now() - started) / 1000;
      onProgress({ stage: 'looking', share, secondsLeft: Math.ceil((seconds / share) * (1 - share)) });
    }
  };
}
