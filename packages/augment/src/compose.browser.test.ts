import { expect, it } from 'vitest';
import goldens from '../../../test/goldens/augment/compose.json';
import { everything } from '../../../test/goldens/augment/everything.js';

it('gives the pixels that Node gives', async () => {
  expect(await Promise.all(goldens.cases.map(everything))).toEqual(goldens.cases.map(({ digest }) => digest));
});
