import { expect, it } from 'vitest';
import { barPlot } from './index.js';

it('draws a PNG with the canvas of the page', async () => {
  const plot = barPlot({
    title: 'images',
    categories: ['bag'],
    series: [{ name: 'train', values: [3] }],
    width: 300,
    height: 200,
  });
  const png = await plot.toPng({ scale: 2 });
  const bitmap = await createImageBitmap(new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
  expect([bitmap.width, bitmap.height]).toEqual([600, 400]);
  const context = new OffscreenCanvas(600, 400).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  // White at the corner, the first colour of the palette inside the only bar.
  expect([...context.getImageData(1, 1, 1, 1).data]).toEqual([255, 255, 255, 255]);
  expect([...context.getImageData(330, 250, 1, 1).data]).toEqual([0x44, 0x77, 0xaa, 255]);
});
