import { memorySource } from '@percept/data';
import { expect, it } from 'vitest';
import { nameTraining, type TrainingIngredients } from './training-name.js';

const photos = (...keys: string[]) => {
  const samples = keys.map((key) => ({ key, image: new Uint8Array(), extension: 'jpg', label: 0 }));
  const source = memorySource(['cat', 'dog'], samples);
  return { train: source, test: source };
};
const ingredients: TrainingIngredients = {
  recipe: 'features',
  model: Uint8Array.of(1, 2, 3),
  preprocess: { color: 'rgb', scale: 1 / 255, mean: [0, 0, 0], std: [1, 1, 1] },
  photos: photos('a', 'b'),
  quick: false,
};

it('gives a training the same name again, and others names of their own', async () => {
  const name = await nameTraining(ingredients);
  expect(name).toMatch(/^features-[0-9a-f]{12}$/);
  expect(await nameTraining({ ...ingredients, photos: photos('a', 'b') })).toBe(name);
  const others = await Promise.all(
    [
      { recipe: 'classic' as const },
      { model: Uint8Array.of(1, 2, 4) },
      { preprocess: { ...ingredients.preprocess, scale: 1 } },
      { photos: photos('a') },
      { quick: true },
    ].map((other) => nameTraining({ ...ingredients, ...other })),
  );
  expect(new Set([name, ...others]).size).toBe(6);
  expect(others.at(-1)).toMatch(/^features-quick-/);
});
