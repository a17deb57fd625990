import { setTimeout as sleep } from 'node:timers/promises';
import { compose, horizontalFlip, rotate } from '@percept/augment';
import { keyedRandom, type PreprocessSpec, type SampleSource } from '@percept/core';
import { createLoader, type LoaderOptions } from '@percept/data';
import { encodeImage } from '@percept/image';
import { modelDigest, writeModel } from '@percept/onnx';
import { sgd, smallCnn, Trainer } from '@percept/train';
import { expect, it } from 'vitest';

const [images, size] = [60, 12];
const classes = ['dark', 'grey', 'bright'];
const preprocess: PreprocessSpec = { color: 'gray', scale: 1 / 255, mean: [0.5], std: [0.25] };

const samples = await Promise.all(
  Array.from({ length: images }, async (_, at) => {
    const random = keyedRandom('picture', at);
    const pixels = Uint8Array.from({ length: size * size }, () => random.integer(0, 150) + (at % 3) * 50);
    return {
      key: String(at),
      label: at % 3,
      extension: 'png',
      image: await encodeImage({ width: size, height: size, channels: 1, data: pixels }, { format: 'png' }),
    };
  }),
);

/** Reads that take now longer and now shorter, never twice the same. */
const slowly: SampleSource = {
  length: images,
  classes,
  async read(index) {
    await sleep(Math.random() * 8);
    return samples[index]!;
  },
};

async function weightsAfterTraining(loading: Partial<LoaderOptions>): Promise<string> {
  const data = createLoader({
    ...{ source: slowly, preprocess, batchSize: 8, shuffle: true, seed: 3, ...loading },
    transform: compose([horizontalFlip(), rotate({ degrees: 20 })]),
  });
  const optimizer = sgd({ learningRate: 0.05, momentum: 0.9 });
  const options = { model: smallCnn({ classes: 3, size, width: 4 }), data, optimizer, epochs: 2, threads: 1 };
  return modelDigest(writeModel((await new Trainer(options).fit()).model));
}

it('trains to the same weights however many images are read and decoded at once, and whatever is ready first', async () => {
  const alone = await weightsAfterTraining({ prefetch: 1, cacheBytes: 0 });
  for (const loading of [
    { prefetch: 1 },
    { prefetch: 3, cacheBytes: 0 },
    { prefetch: 8 },
    { prefetch: 64, cacheBytes: 0 },
  ]) {
    expect(await weightsAfterTraining(loading), JSON.stringify(loading)).toBe(alone);
  }
  expect(await weightsAfterTraining({ seed: 4 })).not.toBe(alone);
});
