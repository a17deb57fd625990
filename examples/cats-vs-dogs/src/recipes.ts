// Two ways to fine-tune a network that has seen ImageNet.
import { brightness, compose, contrast, horizontalFlip, rotate, saturation } from '@percept/augment';
import type { BatchSource, PreprocessSpec } from '@percept/core';
import { createLoader, type IndexedSource } from '@percept/data';
import type { Model } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import {
  adam,
  cosineAnnealingLR,
  crossEntropy,
  freeze,
  headParameters,
  replaceHead,
  stepLR,
  type TrainerOptions,
} from '@percept/train';

export const recipeNames = ['features', 'classic'] as const;
export type RecipeName = (typeof recipeNames)[number];

const seed = 1;

/** Where a training keeps what it has on the way. */
interface Kept {
  readonly storage: Storage;
  /** Names the training: others with the same name are the same. */
  readonly name: string;
}

/** The options of a training. */
export type Recipe = (
  pretrained: Model,
  photos: { train: IndexedSource; test: IndexedSource },
  preprocess: PreprocessSpec,
  kept: Kept,
) => TrainerOptions;

/** Every photo once, in order, as it is. */
export function inOrder(source: IndexedSource, preprocess: PreprocessSpec): BatchSource {
  return createLoader({ source, batchSize: 50, preprocess });
}

/**
 * The backbone stays as ImageNet taught it and sees every photo twice, once mirrored: what it gives is kept, and a new last
 * layer learns from that in seconds.
 */
const features: Recipe = (pretrained, { train, test }, preprocess, { storage, name }) => {
  const model = replaceHead(pretrained, { classes: train.classes.length, seed });
  const epochs = 30;
  return {
    model,
    freeze: freeze(model, '*', { except: headParameters(model) }),
    features: { views: 2, storage, augmentation: `${name}, as they are and mirrored` },
    data: createLoader({ source: train, batchSize: 50, preprocess, transform: mirrorEveryOther, seed }),
    validation: inOrder(test, preprocess),
    loss: crossEntropy({ labelSmoothing: 0.05 }),
    optimizer: adam({ learningRate: 2e-3 }),
    schedule: cosineAnnealingLR({ tMax: epochs }),
    epochs,
    seed,
    metadata: { preprocess },
  };
};

/** All weights learn, as the well-known recipe for a ResNet-18 has it. */
const classic: Recipe = (pretrained, { train, test }, preprocess) => ({
  model: replaceHead(pretrained, { classes: train.classes.length, seed }),
  data: createLoader({
    source: train,
    batchSize: 32,
    shuffle: true,
    dropLast: train.length >= 32,
    seed,
    preprocess,
    transform: compose([
      horizontalFlip({ p: 0.5 }),
      rotate({ degrees: 15 }),
      brightness({ by: [0.8, 1.2] }),
      contrast({ by: [0.8, 1.2] }),
      saturation({ by: [0.8, 1.2] }),
    ]),
  }),
  validation: inOrder(test, preprocess),
  optimizer: adam({ learningRate: 1e-3 }),
  schedule: stepLR({ stepSize: 5, gamma: 0.5 }),
  epochs: 10,
  seed,
  metadata: { preprocess },
});

export const recipes: Readonly<Record<RecipeName, Recipe>> = { features, classic };

const mirrored = compose([horizontalFlip({ p: 1 })]);

/** Photos as they are in the first view, mirrored in the second. */
const mirrorEveryOther: typeof mirrored = (image, context) =>
  context.epoch % 2 === 0 ? image : mirrored(image, context);
