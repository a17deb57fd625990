import type { Image } from '@percept/core';
import { annotateImage, contactSheet } from './index.js';

// A picture that needs no codec: a gradient in each channel.
const image: Image = {
  width: 160,
  height: 120,
  channels: 3,
  data: Uint8Array.from({ length: 160 * 120 * 3 }, (_, i) => (i % 3) * 40 + ((i / 3) % 160) * 0.8),
};
const mask = Uint8Array.from({ length: 160 * 120 }, (_, i) => Number((i % 160) + Math.floor(i / 160) > 180));

/** Drawings and what their bytes hash to, in Node and in browsers. */
export const scenes = {
  annotations: {
    make: () =>
      annotateImage(image, {
        boxes: [
          { box: [10.4, 30, 70, 90.7], label: 'person', score: 0.934 },
          { box: [5, 2, 150, 60], label: 'Grünfläche', classIndex: 7 },
        ],
        masks: [{ mask, label: 'corner', classIndex: 3 }],
        keypoints: [
          {
            points: [[20, 100], [60.5, 80], null],
            skeleton: [
              [0, 1],
              [1, 2],
            ],
          },
        ],
      }),
    sha256: '3f89ce5a985e400619a9ee6f3ea381a2ed023af543a93d8dc8387b5454cee5ba',
  },
  'a class map': {
    make: () => annotateImage(image, { classMap: { classes: mask.map((value, i) => value * (1 + (i % 2))) } }),
    sha256: 'b754e79fe23d4a55a190b82b748239221fa4f21385937768fb25f35cb76fc091',
  },
  'a contact sheet': {
    make: () =>
      contactSheet(
        [
          { image, caption: 'all of it' },
          { image: { ...image, width: 40, height: 480 }, caption: 'a caption that is too long' },
          { image },
        ],
        {
          cellSize: 96,
          columns: 2,
        },
      ),
    sha256: '01a36f92e1dd1e303063ef2beda82c8f3f2dec4a6c287a8dee0fd4c715bb2926',
  },
};
