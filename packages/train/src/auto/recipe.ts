// What is searched, and the training that a trial's parameters stand for.
import { crossEntropy, type Loss } from '../losses.js';
import { adamw } from '../optimizers/adamw.js';
import { sgd } from '../optimizers/sgd.js';
import type { Optimizer } from '../optimizers/transformation.js';
import { cosineAnnealingLR, oneCycleLR, type Schedule, warmUp } from '../schedules.js';
import type { FlatValues } from '../search/flat-space.js';
import type { Sampler } from '../search/sampler.js';
import { branch, choice, float, type Parameters } from '../search/space.js';
import { tpeSampler } from '../search/tpe-sampler.js';

/** The space of `autoTrain`. */
export function recipeSpace(models: readonly string[], augmentations: readonly string[], images: number) {
  const sizes = [32, 64, 128].filter((size) => size === 32 || size * 8 <= images);
  return {
    model: choice(models),
    augmentation: choice(augmentations),
    batchSize: choice(sizes),
    optimizer: branch({
      sgd: {
        learningRate: float(3e-3, 0.3, { log: true }),
        weightDecay: float(1e-5, 1e-2, { log: true }),
      },
      adamw: {
        learningRate: float(1e-4, 1e-2, { log: true }),
        weightDecay: float(1e-3, 0.3, { log: true }),
      },
    }),
    schedule: choice(['cosine', 'oneCycle']),
    labelSmoothing: choice([0, 0.1]),
  };
}

/** Parameters of a trial. */
export type Recipe = Parameters<ReturnType<typeof recipeSpace>>;

/** Loss, optimizer and schedule of a recipe over so many epochs. */
export function ingredients(
  recipe: Recipe,
  length: { readonly epochs: number; readonly stepsPerEpoch: number; readonly rateFactor: number },
): { loss: Loss; optimizer: Optimizer; schedule: Schedule } {
  const { labelSmoothing } = recipe;
  return {
    loss: crossEntropy(labelSmoothing === 0 ? {} : { labelSmoothing }),
    optimizer: optimizerOf(recipe, length.rateFactor),
    schedule: scheduleOf(recipe, length),
  };
}

function optimizerOf({ optimizer }: Recipe, rateFactor: number): Optimizer {
  const { type, weightDecay } = optimizer;
  const learningRate = optimizer.learningRate * rateFactor;
  return type === 'sgd'
    ? sgd({ learningRate, weightDecay, momentum: 0.9, nesterov: true, decayed: 'matrices' })
    : adamw({ learningRate, weightDecay, decayed: 'matrices' });
}

function scheduleOf(
  { schedule }: Recipe,
  length: { readonly epochs: number; readonly stepsPerEpoch: number },
): Schedule {
  const steps = length.epochs * length.stepsPerEpoch;
  if (schedule === 'oneCycle' && steps >= 4) return oneCycleLR({ totalSteps: steps });
  const rise = Math.max(1, Math.round(steps / 20));
  const fall = cosineAnnealingLR({ tMax: Math.max(1, steps - rise), unit: 'steps' });
  return warmUp(fall, { length: rise, startFactor: 0.1, unit: 'steps' });
}

/** Begins with each model by a recipe that rarely goes wrong, so that short searches have something to show; then TPE. */
export function recipeSampler(models: readonly string[], augmentations: readonly string[]): Sampler {
  const rest = tpeSampler();
  const usual = models.map(
    (model): FlatValues => ({
      model,
      // The first that is not `none`: mild by custom.
      augmentation: augmentations[1] ?? 'none',
      batchSize: 32,
      optimizer: 'adamw',
      'optimizer.adamw.learningRate': 2e-3,
      'optimizer.adamw.weightDecay': 0.01,
      schedule: 'oneCycle',
      labelSmoothing: 0,
    }),
  );
  return {
    description: `usual recipes, then ${rest.description}`,
    suggest: (suggestion) => usual[suggestion.trial] ?? rest.suggest(suggestion),
  };
}
