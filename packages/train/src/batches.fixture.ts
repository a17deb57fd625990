import { type Batch, type BatchSource, keyedPermutation, keyedRandom, tensor } from '@percept/core';

/** Options of {@link toyBatches}. */
export interface ToyOptions {
  images?: number;
  batchSize?: number;
  size?: number;
  shuffle?: boolean;
}

/** Images of noise with a bright quarter that tells the class (4 of them): easy to learn, the same on every run. */
export function toyBatches({ images = 44, batchSize = 8, size = 8, shuffle = true }: ToyOptions = {}): BatchSource {
  const batchesPerEpoch = Math.ceil(images / batchSize);
  return {
    batchesPerEpoch,
    classes: ['top left', 'top right', 'bottom left', 'bottom right'],
    async *batches({ epoch, start = 0 }) {
      const order = keyedPermutation(images, 5, epoch);
      for (let batch = start; batch < batchesPerEpoch; batch++) {
        const positions = Array.from(
          { length: Math.min(batchSize, images - batch * batchSize) },
          (_, i) => batch * batchSize + i,
        );
        yield toyBatch(
          positions.map((at) => (shuffle ? order.at(at) : at)),
          size,
        );
      }
    },
  };
}

function toyBatch(indices: readonly number[], size: number): Batch {
  const data = new Float32Array(indices.length * size * size);
  for (const [row, index] of indices.entries()) {
    const random = keyedRandom(3, index);
    for (let at = 0; at < size * size; at++) {
      const quarter = Math.floor(at / size / (size / 2)) * 2 + Math.floor((at % size) / (size / 2));
      data[row * size * size + at] = random.uniform(-1, 1) + (quarter === index % 4 ? 1.2 : 0);
    }
  }
  return {
    keys: indices.map(String),
    inputs: tensor('float32', [indices.length, 1, size, size], data),
    labels: tensor(
      'int64',
      [indices.length],
      indices.map((index) => index % 4),
    ),
  };
}
