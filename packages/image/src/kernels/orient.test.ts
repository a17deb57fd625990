import fc from 'fast-check';
import { expect, it } from 'vitest';
import { images } from './images.fixture.js';
import { flip } from './orient.js';
import * as reference from './reference/orient.js';

const anyImage = images(['uint8', 'uint16', 'float32']);

it('flips as the reference does', () => {
  fc.assert(
    fc.property(anyImage, fc.constantFrom('horizontal', 'vertical'), (image, direction) => {
      expect(flip(image, direction)).toEqual(reference.flip(image, direction));
    }),
  );
});
