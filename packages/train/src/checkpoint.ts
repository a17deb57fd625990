// A checkpoint is one object: an ONNX file without nodes whose initializers are the state (weights, running statistics,
// optimizer) and whose metadata tells where the training stood. Any ONNX tool can look into it, and because it is one
// object, written atomically, it is whole or absent.
import { PerceptError, type Tensor } from '@percept/core';
import { GraphBuilder, readModel, writeModel } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import * as z from 'zod';
import type { BestEpoch, EpochRecord } from './epoch-record.js';

/** What a training was started with, as far as it decides the result. */
export type Fingerprint = Readonly<Record<string, string | number>>;

/** Where a training stands between two steps. */
export interface TrainingPosition {
  /** Epochs finished. */
  epoch: number;
  /** Steps of the running epoch that are done. */
  step: number;
  /** Sums over the running epoch; `correct` is null where the loss compares no classes. */
  running: { images: number; loss: number; correct: number | null; seconds: number };
  history: EpochRecord[];
  /** The best epochs so far, the best first. */
  best: BestEpoch[];
  /** The figure that `best` is ranked by. */
  bestBy?: string;
  /** What a callback gave as the reason to end after the running epoch. */
  stopping?: string;
  /** Ways to compute that were found by timing them. */
  choices?: Readonly<Record<string, string>>;
  /** Why the training ended before its last epoch. */
  stopped?: string;
}

/** Everything that a training needs to go on. */
export interface Checkpoint {
  readonly fingerprint: Fingerprint;
  readonly position: TrainingPosition;
  readonly state: ReadonlyMap<string, Tensor>;
}

const metadataKey = 'percept.checkpoint';
/** Any number: NaN and infinities, too. */
const anyNumber = z.custom<number>((value) => typeof value === 'number');
const schema = z.object({
  schema: z.literal(2),
  fingerprint: z.record(z.string(), z.union([z.string(), z.number()])),
  position: z.object({
    epoch: z.int().min(0),
    step: z.int().min(0),
    running: z.object({ images: z.number(), loss: z.number(), correct: z.number().nullable(), seconds: z.number() }),
    history: z.array(
      z.object({
        epoch: z.int(),
        trainLoss: z.number(),
        trainAccuracy: z.number().exactOptional(),
        validationLoss: anyNumber.exactOptional(),
        validationAccuracy: z.number().exactOptional(),
        learningRate: z.number(),
        seconds: z.number(),
        imagesPerSecond: z.number(),
        metrics: z.record(z.string(), anyNumber).exactOptional(),
      }),
    ),
    best: z.array(z.object({ epoch: z.int(), value: anyNumber })),
    bestBy: z.string().exactOptional(),
    stopping: z.string().exactOptional(),
    choices: z.record(z.string(), z.string()).exactOptional(),
    stopped: z.string().exactOptional(),
  }),
});

/** JSON has no NaN and no infinities, but a validation loss may be one. */
function spellNonFinite(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function readNonFinite(key: string, value: unknown): unknown {
  // Reasons are words, whatever they say.
  if (key === 'stopped' || key === 'stopping') return value;
  return ['NaN', 'Infinity', '-Infinity'].includes(value as string) ? Number(value) : value;
}

/** Replaces the checkpoint under `key`. */
export async function writeCheckpoint(storage: Storage, key: string, checkpoint: Checkpoint): Promise<void> {
  const g = new GraphBuilder('checkpoint');
  for (const [name, value] of checkpoint.state) g.initializer(name, value);
  const { fingerprint, position } = checkpoint;
  const metadata = { [metadataKey]: JSON.stringify({ schema: 2, fingerprint, position }, spellNonFinite) };
  await storage.write(key, writeModel(g.build({ metadata })));
}

/**
 * Reads the checkpoint under `key`; `undefined` when there is none.
 *
 * @throws PerceptError `TRAIN_CHECKPOINT_INVALID` when the object is no checkpoint
 */
export async function readCheckpoint(storage: Storage, key: string): Promise<Checkpoint | undefined> {
  if ((await storage.stat(key)) === undefined) return undefined;
  const bytes = await storage.read(key);
  try {
    const model = readModel(bytes);
    const { fingerprint, position } = schema.parse(JSON.parse(model.metadata[metadataKey] ?? 'null', readNonFinite));
    return { fingerprint, position, state: model.graph.initializers };
  } catch (cause) {
    throw new PerceptError(
      'TRAIN_CHECKPOINT_INVALID',
      `Expected a checkpoint of a training in ${key} of ${storage.description} but it cannot be read as one. Delete it to start anew, or give another key`,
      { details: { key, storage: storage.description }, cause },
    );
  }
}

/**
 * Makes sure that a checkpoint belongs to this very training.
 *
 * @throws PerceptError `TRAIN_CHECKPOINT_MISMATCH` naming what differs
 */
export function checkFingerprint(stored: Fingerprint, current: Fingerprint, key: string): void {
  const names = [...new Set([...Object.keys(stored), ...Object.keys(current)])];
  const different = names.filter((name) => stored[name] !== current[name]);
  if (different.length === 0) return;
  const list = different.map((name) => `${name} (checkpoint: ${stored[name]}, now: ${current[name]})`).join('; ');
  throw new PerceptError(
    'TRAIN_CHECKPOINT_MISMATCH',
    `Expected a checkpoint of the same training in ${key} but these differ: ${list}. Use the same options to resume, or another key to start anew`,
    { details: { key, different, stored, current } },
  );
}
