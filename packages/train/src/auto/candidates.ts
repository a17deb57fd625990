// The models that are tried: networks from scratch at the size that suits the images, and given ones to fine-tune.
import { PerceptError, type PreprocessSpec } from '@percept/core';
import { type Model, readMetadata } from '@percept/onnx';
import { cifarResnet } from '../builders/cifar-resnet.js';
import { cnn35 } from '../builders/cnn35.js';
import { mobilenetV2 } from '../builders/mobilenet-v2.js';
import { mobilenetV3Small } from '../builders/mobilenet-v3.js';
import { smallCnn } from '../builders/small-cnn.js';
import { type Freezing, freeze } from '../models/freeze.js';
import { headParameters } from '../models/head.js';
import { replaceHead } from '../models/replace-head.js';
import type { ArchitectureName, CheckedAutoTrain } from './auto-train-options.js';
import type { ImageKind } from './look-at-images.js';

/** A model that is tried. */
export interface Candidate {
  readonly name: string;
  readonly preprocess: PreprocessSpec;
  /** Factor on the learning rates of the space: weights that know something move less. */
  readonly rateFactor: number;
  /** The model before its training, and what of it stays. */
  build(): { readonly model: Model; readonly freeze?: Freezing };
}

type ChosenOptions = Pick<CheckedAutoTrain, 'architectures' | 'models' | 'seed'>;

/** All candidates, cheap ones first. */
export function listCandidates(kind: ImageKind, classes: readonly string[], options: ChosenOptions): Candidate[] {
  const { models, seed } = options;
  const given = Object.entries(models);
  const suiting: ArchitectureName[] =
    kind.size > 48
      ? ['smallCnn', 'cnn35', 'cifarResnet20', 'mobilenetV3Small', 'mobilenetV2']
      : ['smallCnn', 'cnn35', 'cifarResnet20'];
  const architectures = options.architectures ?? (given.length > 0 ? [] : suiting);
  return [
    ...architectures.map((name) => fromScratch(name, kind, classes.length, seed)),
    ...given.flatMap(([name, model]) => fineTuned(name, model, classes, seed)),
  ];
}

function fromScratch(name: ArchitectureName, kind: ImageKind, classes: number, seed: number): Candidate {
  const size = sizeFor(name, kind.size);
  const options = { classes, channels: kind.channels, seed };
  const build = {
    smallCnn: () => smallCnn({ ...options, size }),
    cnn35: () => cnn35(options),
    cifarResnet20: () => cifarResnet({ ...options, depth: 20, size }),
    mobilenetV3Small: () => mobilenetV3Small({ ...options, size }),
    mobilenetV2: () => mobilenetV2({ ...options, size }),
  }[name];
  return {
    name,
    preprocess: {
      color: kind.channels === 1 ? 'gray' : 'rgb',
      resize: { mode: kind.square ? 'exact' : 'letterbox', width: size, height: size },
      scale: 1 / 255,
      mean: kind.mean,
      std: kind.std,
    },
    rateFactor: 1,
    build: () => ({ model: build() }),
  };
}

/** Small networks look at small images, MobileNets at up to 128 pixels: larger ones are a matter of minutes, not of search. */
function sizeFor(name: ArchitectureName, size: number): number {
  const near = (least: number, most: number, step: number): number =>
    step * Math.round(Math.min(most, Math.max(least, size)) / step);
  if (name === 'cnn35') return 35;
  return name.startsWith('mobilenet') ? near(64, 128, 32) : near(8, 32, 4);
}

function fineTuned(name: string, model: Model, classes: readonly string[], seed: number): Candidate[] {
  const { preprocess, labels } = readMetadata(model);
  if (preprocess === undefined) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected preprocess in the metadata of models.${name} for autoTrain(), which says how images become its input; write it with withMetadata(model, { preprocess })`,
    );
  }
  const headed = (): Model =>
    labels?.join('\n') === classes.join('\n') ? model : replaceHead(model, { classes: classes.length, seed });
  return [
    {
      name: `${name} (head)`,
      preprocess,
      rateFactor: 1,
      build() {
        const built = headed();
        return { model: built, freeze: freeze(built, '*', { except: headParameters(built) }) };
      },
    },
    { name: `${name} (whole)`, preprocess, rateFactor: 0.1, build: () => ({ model: headed() }) },
  ];
}
