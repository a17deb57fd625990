import { expect, it } from 'vitest';
import { encodeImage } from '../index.js';
import { scenes } from './scenes.fixture.js';

it.each(Object.entries(scenes))('%s is the same bytes in a browser, and a PNG there', async (_, { make, sha256 }) => {
  const drawn = make();
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', drawn.data));
  expect([...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(sha256);
  const png = await encodeImage(drawn, { format: 'png' });
  const bitmap = await createImageBitmap(new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
  expect([bitmap.width, bitmap.height]).toEqual([drawn.width, drawn.height]);
});
