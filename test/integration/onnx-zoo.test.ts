import { expect, it } from 'vitest';
import { isAsRecorded, scoreZoo } from '../onnx-suite/zoo.js';
import { dataFolder } from '../onnx-suite/zoo-images.js';

const data = dataFolder();

it.skipIf('reason' in data)(
  `models answer as recorded on 2,000 images and 200 photos${'reason' in data ? ` (skipped: ${data.reason})` : ''}`,
  async () => {
    const rows = await scoreZoo('folder' in data ? data.folder : '', { cifar: 2000, photos: 200 });
    // `npm run onnx-suite` tries all images, and finds what was recorded of all.
    const ofImages = rows.filter(({ model }) => model.startsWith('cifar10/')).map(({ correct }) => correct);
    expect(ofImages).toEqual([0, 0, 0, 0]);
    for (const row of rows) {
      expect(row, JSON.stringify(row)).toSatisfy(isAsRecorded);
      expect(row.differing.length).toBeLessThanOrEqual(4);
    }
  },
);
