import { brightness, compose, horizontalFlip, rotate, zoom } from '@percept/augment';
import type { BatchSource, Image, PreprocessSpec } from '@percept/core';
import { createLoader, type IndexedSource, openDatasetVersion } from '@percept/data';
import { type Model, modelDigest, readModel, writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import type { Run } from '@percept/registry';
import { readJson, writeJson } from '@percept/storage';
import { adam, evaluate, stepLR, Trainer, type TrainResult } from '@percept/train';
import { codeVersion } from './code-version.js';
import type { Screen } from './screen.js';
import { seed, type Task } from './task.js';
import type { Workspace } from './workspace.js';

/** A trained float model, kept in the workspace. */
export interface Learned {
  /** Key of the model among the workspace's files. */
  readonly model: string;
  readonly digest: string;
  readonly runId: string;
  /** Share of the held-out pictures that are classified right. */
  readonly top1: number;
  readonly history: TrainResult['history'];
}

/** What one training is. */
export interface Lesson {
  /** `train` or `retrain`. */
  readonly name: string;
  readonly key: string;
  readonly dataset: string;
  readonly start: Model;
  readonly parentModel?: string;
  readonly train: IndexedSource;
  readonly heldOut: IndexedSource;
  readonly epochs: number;
  readonly learningRate: number;
  readonly transform: (image: Image, context: { seed: number; epoch: number; key: string }) => Image;
}

/** Mild changes that keep a picture of its class; enough for clothing that always hangs the same way. */
export const catalogueAugmentation = compose([horizontalFlip({ p: 0.5 })]);

/** What a camera does to a picture: other light, a tilt, another distance. */
export const cameraAugmentation = compose([
  horizontalFlip({ p: 0.5 }),
  rotate({ degrees: 8, p: 0.2 }),
  zoom({ scale: [0.9, 1.1], p: 0.3 }),
  brightness({ by: [0.3, 1.2], p: 0.5 }),
]);

/** The samples of one split of a dataset version. */
export async function openSplit(workspace: Workspace, dataset: string, split: string): Promise<IndexedSource> {
  return (await openDatasetVersion(workspace.data, dataset)).split(split);
}

/** Batches for measuring: every sample once, in order, unchanged. */
export function inOrder(source: IndexedSource, preprocess: PreprocessSpec): BatchSource {
  return createLoader({ source, batchSize: 250, seed, shuffle: false, dropLast: false, preprocess });
}

/** Trains (going on from a checkpoint if there is one), measures on the held-out pictures, and logs a run. */
export async function learn(workspace: Workspace, task: Task, lesson: Lesson, screen: Screen): Promise<Learned> {
  const run = await openRun(workspace, task, lesson);
  const trainer = new Trainer({
    model: lesson.start,
    data: createLoader({
      source: lesson.train,
      batchSize: task.batchSize,
      seed,
      shuffle: true,
      // A last batch of one picture has no statistics to normalize by; fewer pictures than a batch are one batch.
      dropLast: lesson.train.length >= task.batchSize,
      preprocess: task.preprocess,
      transform: lesson.transform,
    }),
    validation: inOrder(lesson.heldOut, task.preprocess),
    optimizer: adam({ learningRate: lesson.learningRate }),
    schedule: stepLR({ stepSize: Math.max(1, Math.round(lesson.epochs / 4)), gamma: 0.5 }),
    epochs: lesson.epochs,
    seed,
    metadata: {
      labels: [...lesson.train.classes],
      preprocess: task.preprocess,
      lineage: {
        runId: run.id,
        datasetVersion: lesson.dataset,
        codeVersion: codeVersion(),
        seed,
        ...(lesson.parentModel && { parentModel: lesson.parentModel }),
      },
    },
    checkpoint: { storage: workspace.files, key: `checkpoints/${lesson.name}-${lesson.key}`, everySeconds: 5 },
    tracker: run,
  });
  const { model, history, resumedAt } = await screen.withProgress((long) => trainer.fit(long));
  if (resumedAt && resumedAt.epoch < lesson.epochs) {
    screen.line(`went on from epoch ${resumedAt.epoch + 1}, step ${resumedAt.step}`);
  }
  const bytes = writeModel(model);
  const report = await screen.withProgress((long) =>
    evaluate(bytes, inOrder(lesson.heldOut, task.preprocess), { runtime: onnxruntimeNode(), ...long }),
  );
  await run.logMetrics({ top1: report.accuracy, f1: report.f1.macro }, lesson.epochs);
  await run.logArtifact('model.onnx', bytes);
  await run.finish('finished');
  const path = `models/${lesson.name}-${lesson.key}.onnx`;
  await workspace.files.write(path, bytes);
  return { model: path, digest: await modelDigest(bytes), runId: run.id, top1: report.accuracy, history };
}

/** The run of a lesson; after a kill, the one that was begun. */
async function openRun(workspace: Workspace, task: Task, lesson: Lesson): Promise<Run> {
  const note = `runs/${lesson.name}-${lesson.key}.json`;
  const begun = await readJson<{ id: string }>(workspace.files, note);
  if (begun !== undefined && (await workspace.registry.getRun(begun.id)).status === 'running') {
    return workspace.registry.resumeRun(begun.id);
  }
  const run = await workspace.registry.startRun({
    experiment: task.name,
    name: lesson.name,
    seed,
    codeVersion: codeVersion(),
    datasetVersion: lesson.dataset,
  });
  await writeJson(workspace.files, note, { id: run.id });
  return run;
}

/** Reads a model that an earlier step has kept. */
export async function loadModel(workspace: Workspace, path: string): Promise<Model> {
  return readModel(await workspace.files.read(path));
}
