import { type PreprocessSpec, sha256Digest } from '@percept/core';
import type { IndexedSource } from '@percept/data';
import type { RecipeName } from './recipes.js';

/** What decides a training beside the code of its recipe. */
export interface TrainingIngredients {
  readonly recipe: RecipeName;
  /** The file of the network that it begins with. */
  readonly model: Uint8Array;
  readonly preprocess: PreprocessSpec;
  readonly photos: { readonly train: IndexedSource; readonly test: IndexedSource };
  readonly quick: boolean;
}

/**
 * A name for what the training keeps on the way, such as `features-quick-1f9a03c25b7d`: the same command finds it again, and
 * another network, preprocessing or set of photos has its own.
 */
export async function nameTraining({ recipe, model, preprocess, photos, quick }: TrainingIngredients): Promise<string> {
  const { train, test } = photos;
  const ingredients = [await sha256Digest(model), preprocess, train.classes, train.keys, test.keys];
  const digest = await sha256Digest(new TextEncoder().encode(JSON.stringify(ingredients)));
  return `${recipe}${quick ? '-quick' : ''}-${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`;
}
