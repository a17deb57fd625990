import { type BatchSource, keyedPermutation, keyedRandom, type Sample, type SampleSource, tensor } from '@percept/core';
import type { LoaderRequest } from './auto-train-options.js';

const side = 8;

/** Grey images of 8 × 8 bytes, as they are: noise with a bright quarter that tells the class (3 of them). */
export function quarters(images = 90, classes = ['top left', 'top right', 'bottom left']): SampleSource {
  return {
    length: images,
    classes,
    async read(index): Promise<Sample> {
      if (index < 0 || index >= images) return Promise.reject(new RangeError(`no sample ${index}`));
      const random = keyedRandom(7, index);
      const label = index % classes.length;
      const image = Uint8Array.from({ length: side * side }, (_, at) => {
        const quarter = Math.floor(at / side / 4) * 2 + Math.floor((at % side) / 4);
        return random.uniform(0, 160) + (quarter === label ? 80 : 0);
      });
      return { key: `image ${index}`, image, extension: 'raw', label };
    },
  };
}

/** Stands for `createLoader` of `@percept/data`. The augmentation `dark` halves all values. */
export function rawLoader(request: LoaderRequest): BatchSource {
  const { source, preprocess, batchSize, augmentation, shuffle, dropLast, seed } = request;
  const { resize, scale, mean, std } = preprocess;
  const [height, width] = resize?.mode === 'exact' ? [resize.height, resize.width] : [side, side];
  const channels = mean.length;
  const batchesPerEpoch = (dropLast ? Math.floor : Math.ceil)(source.length / batchSize);
  return {
    batchesPerEpoch,
    classes: source.classes,
    async *batches({ epoch, start = 0 }) {
      const order = keyedPermutation(source.length, seed, epoch);
      for (let batch = start; batch < batchesPerEpoch; batch++) {
        const places = Array.from(
          { length: Math.min(batchSize, source.length - batch * batchSize) },
          (_, at) => batch * batchSize + at,
        );
        const samples = await Promise.all(places.map((place) => source.read(shuffle ? order.at(place) : place)));
        const inputs = samples.flatMap(({ image }) =>
          Array.from({ length: channels * height * width }, (_, at) => {
            const [channel, y, x] = [Math.floor(at / height / width), Math.floor(at / width) % height, at % width];
            const value = image[Math.floor((y * side) / height) * side + Math.floor((x * side) / width)]!;
            return ((augmentation === 'dark' ? value / 2 : value) * scale - mean[channel]!) / std[channel]!;
          }),
        );
        yield {
          keys: samples.map(({ key }) => key),
          inputs: tensor('float32', [samples.length, channels, height, width], inputs),
          labels: tensor(
            'int64',
            [samples.length],
            samples.map(({ label }) => label),
          ),
        };
      }
    },
  };
}
