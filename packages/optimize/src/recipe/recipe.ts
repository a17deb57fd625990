import { PerceptError } from '@percept/core';
import * as z from 'zod';

const share = z.number().gt(0).max(1);

const step = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('fold') }),
  z.strictObject({ step: z.literal('prune'), macs: share, roundTo: z.int().min(1) }),
  z.strictObject({ step: z.literal('distill'), epochs: z.int().min(1), learningRate: z.number().gt(0) }),
  z.strictObject({ step: z.literal('float16') }),
  z.strictObject({ step: z.literal('int8'), target: z.string(), images: z.int().min(1) }),
]);

const schema = z.strictObject({ version: z.literal(1), seed: z.int(), steps: z.array(step).min(1) });

/**
 * What is done to a model, in order:
 * - `fold`: BatchNormalization into the weights, constants computed, what nobody reads left out
 * - `prune`: channels out until `macs` of the multiply-accumulates are left
 * - `distill`: the model as it stands is trained after the model that was given
 * - `float16`: weights and activations in half precision
 * - `int8`: static quantization for a target, calibrated on so many images
 */
export type RecipeStep = z.infer<typeof step>;

/** Steps that lead from a model to a smaller one: plain data, to be kept as JSON beside the result and carried out again. */
export type Recipe = z.infer<typeof schema>;

/**
 * Reads a recipe.
 *
 * @throws PerceptError `OPTIMIZE_RECIPE_INVALID`
 */
export function readRecipe(json: string): Recipe {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw invalid(`no JSON (${(cause as Error).message})`, cause);
  }
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data;
  const { path, message } = error.issues[0]!;
  throw invalid(`${path.join('.') || 'something'}: ${message}`, error);
}

/** The recipe in a few words: `fold, prune to 50 % of MACs, distill for 5 epochs, int8 for x64`. */
export function describeRecipe({ steps }: Recipe): string {
  return steps.map(describeStep).join(', ');
}

function describeStep(given: RecipeStep): string {
  switch (given.step) {
    case 'prune':
      return `prune to ${Math.round(given.macs * 100)} % of MACs`;
    case 'distill':
      return `distill for ${given.epochs} epoch${given.epochs === 1 ? '' : 's'}`;
    case 'int8':
      return `int8 for ${given.target}`;
    default:
      return given.step;
  }
}

function invalid(received: string, cause: unknown): PerceptError {
  return new PerceptError(
    'OPTIMIZE_RECIPE_INVALID',
    `Expected a recipe of optimizeFor() but received ${received}. Give the JSON as it was written`,
    { cause },
  );
}
