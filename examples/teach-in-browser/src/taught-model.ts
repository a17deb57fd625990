// A model that was taught: what it says about pictures.
import type { Image, PreprocessSpec, Tensor } from '@percept/core';
import { preprocessBatch } from '@percept/image';
import { readMetadata, readModel, type Session } from '@percept/onnx';
import type { PageRuntime } from './engine.js';
import { PlainError } from './plain-error.js';

/** A taught model, opened. */
export interface TaughtModel {
  /** Names of the classes, in the order of the scores. */
  readonly labels: readonly string[];
  /** One probability per class for every picture. */
  score(pictures: readonly Image[]): Promise<number[][]>;
  close(): Promise<void>;
}

/**
 * Opens a file that describes itself.
 *
 * @throws PlainError when it does not say its labels and how it wants its pictures
 */
export async function openTaught(bytes: Uint8Array, runtime: PageRuntime): Promise<TaughtModel> {
  const { labels, preprocess, isSoftmax } = describe(bytes);
  const session = await openSession(bytes, runtime);
  const [input, output] = [session.inputs[0]!.name, session.outputs[0]!.name];
  return {
    labels,
    async score(pictures) {
      const feeds = { [input]: preprocessBatch(pictures, preprocess) };
      const { [output]: scores } = await session.run(feeds, { transfer: true });
      const rows = rowsOf(scores as Tensor<'float32'>);
      return isSoftmax ? rows : rows.map(softmax);
    },
    close: () => session.close(),
  };
}

function describe(bytes: Uint8Array): { labels: string[]; preprocess: PreprocessSpec; isSoftmax: boolean } {
  let model: ReturnType<typeof readModel>;
  let metadata: ReturnType<typeof readMetadata>;
  try {
    model = readModel(bytes);
    metadata = readMetadata(model);
  } catch (error) {
    throw new PlainError(`This is no ONNX file that the page can read. (${(error as Error).message})`);
  }
  const { labels, preprocess } = metadata;
  if (labels === undefined || preprocess === undefined) {
    throw new PlainError(
      'This file does not say what it tells apart and how it wants its pictures. Open one that was downloaded here, or made by Percept.',
    );
  }
  const output = model.graph.outputs[0]!.name;
  const isSoftmax = model.graph.nodes.some(({ opType, outputs }) => opType === 'Softmax' && outputs[0] === output);
  return { labels, preprocess, isSoftmax };
}

async function openSession(bytes: Uint8Array, runtime: PageRuntime): Promise<Session> {
  try {
    return await runtime.createSession(bytes);
  } catch (error) {
    throw new PlainError(`The model in this file cannot run here. (${(error as Error).message})`);
  }
}

function rowsOf({ dims, data }: Tensor<'float32'>): number[][] {
  const [count, width] = dims as [number, number];
  return Array.from({ length: count }, (_, row) => [...data.subarray(row * width, (row + 1) * width)]);
}

function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
