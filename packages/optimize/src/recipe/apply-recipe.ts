import { type BatchSource, type LongCallOptions, PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import type { Model, Runtime } from '@percept/onnx';
import { simplifyModel } from '@percept/onnx/graph';
import { cosineAnnealingLR, sgd, warmUp } from '@percept/train';
import * as z from 'zod';
import { distill } from '../distill/distill.js';
import type { StudentTraining } from '../distill/distill-options.js';
import { foldBatchNorm } from '../graph/fold-batch-norm.js';
import { pruneChannels } from '../prune/prune-channels.js';
import type { QuantizationTarget } from '../quantize/quantization-scheme.js';
import { quantizeStatic } from '../quantize/quantize-static.js';
import { toFloat16 } from '../quantize/to-float16.js';
import type { Recipe, RecipeStep } from './recipe.js';

/** Options of {@link applyRecipe}. */
export interface ApplyRecipeOptions extends LongCallOptions {
  /** Preprocessed training images: calibration sees the first of them, distillation all. */
  readonly data: BatchSource;
  readonly runtime: Runtime;
  /** More for the trainings of `distill`: threads, checkpoint, callbacks. Optimizer, schedule and epochs are the recipe's. */
  readonly training?: Omit<StudentTraining, 'epochs' | 'optimizer' | 'schedule' | 'seed'>;
}

const schema = z.strictObject({
  data: z.custom<BatchSource>(
    (value) => typeof (value as BatchSource | undefined)?.batches === 'function',
    'a BatchSource',
  ),
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
  training: z.custom<NonNullable<ApplyRecipeOptions['training']>>((value) => typeof value === 'object').default({}),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});

/**
 * Carries a recipe out. The same model, data and recipe give the same model, on one runtime version, CPU family and number
 * of threads.
 *
 * @throws PerceptError what the steps throw: `simplifyModel`, `pruneChannels`, `distill`, `quantizeStatic`, `toFloat16`;
 *   `INVALID_ARGUMENT`; `ABORTED`
 */
export async function applyRecipe(model: Model, recipe: Recipe, options: ApplyRecipeOptions): Promise<Model> {
  const settings = parseOptions(schema, options, 'applyRecipe() options') as ApplyRecipeOptions;
  let made = model;
  for (const step of recipe.steps)
    made = await applyStep(made, step, { ...settings, teacher: model, seed: recipe.seed });
  return made;
}

/** What a step works with. */
export interface StepSurroundings extends ApplyRecipeOptions {
  /** The model that all steps began with. */
  readonly teacher: Model;
  readonly seed: number;
}

/** Carries one step out. */
export async function applyStep(model: Model, step: RecipeStep, surroundings: StepSurroundings): Promise<Model> {
  const { data, runtime, teacher, seed, training, signal, onProgress } = surroundings;
  throwIfAborted(signal);
  const call = { ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress }) };
  switch (step.step) {
    case 'fold':
      return simplifyModel(foldBatchNorm(model).model).model;
    case 'prune':
      return pruneChannels(model, { target: { macs: step.macs }, roundTo: step.roundTo, seed }).model;
    case 'distill': {
      const steps = step.epochs * data.batchesPerEpoch;
      const trained = await distill({
        ...{ teacher, student: model, data, runtime, ...call },
        training: {
          ...training,
          ...{ epochs: step.epochs, seed },
          optimizer: sgd({ learningRate: step.learningRate, momentum: 0.9, weightDecay: 5e-4 }),
          schedule: warmUp(cosineAnnealingLR({ tMax: steps, unit: 'steps' }), {
            length: Math.min(50, Math.ceil(steps / 10)),
            unit: 'steps',
          }),
        },
      });
      return trained.model;
    }
    case 'float16':
      return toFloat16(model).model;
    case 'int8': {
      const { images } = step;
      const target = step.target as QuantizationTarget;
      return (await quantizeStatic(model, { calibration: data, runtime, images, target, ...call })).model;
    }
    default:
      throw new PerceptError(
        'OPTIMIZE_RECIPE_INVALID',
        `Expected a step of a recipe but received ${JSON.stringify(step)}`,
      );
  }
}
