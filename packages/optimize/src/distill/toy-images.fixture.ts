// Small images whose class can be learned, for tests of distillation.
import { type Batch, type BatchSource, keyedPermutation, keyedRandom, tensor } from '@percept/core';
import type { Runtime } from '@percept/onnx';
import { runtime } from '../quantize/test-networks.fixture.js';

/** Options of {@link toyImages}. */
export interface ToyOptions {
  readonly images?: number;
  readonly batchSize?: number;
  readonly size?: number;
  /** Index of the first image. */
  readonly from?: number;
  readonly shuffle?: boolean;
  /** Whether an epoch brings noise of its own. */
  readonly augmented?: boolean;
  /** Images of `size` are these pixels twice or more times as large. */
  readonly times?: number;
}

const toyClasses = ['top left', 'top right', 'bottom left', 'bottom right'];

/** Images of noise with a brighter quarter that tells the class (4 of them), `[N, 1, size, size]`. */
export function toyImages(options: ToyOptions = {}): BatchSource {
  const { images = 44, batchSize = 8, size = 8, from = 0, shuffle = true, augmented = false, times = 1 } = options;
  const batchesPerEpoch = Math.ceil(images / batchSize);
  return {
    batchesPerEpoch,
    classes: toyClasses,
    fingerprint: `toy ${JSON.stringify(options)}`,
    async *batches({ epoch, start = 0 }) {
      const order = keyedPermutation(images, 5, epoch);
      for (let batch = start; batch < batchesPerEpoch; batch++) {
        const count = Math.min(batchSize, images - batch * batchSize);
        const places = Array.from({ length: count }, (_, at) => batch * batchSize + at);
        const indices = places.map((at) => from + (shuffle ? order.at(at) : at));
        yield toyBatch(indices, size, times, augmented ? epoch : 0);
      }
    },
  };
}

function toyBatch(indices: readonly number[], size: number, times: number, epoch: number): Batch {
  const side = size * times;
  const data = new Float32Array(indices.length * side * side);
  for (const [row, index] of indices.entries()) {
    const random = keyedRandom(3, index, epoch);
    const pixels = Float32Array.from({ length: size * size }, (_, at) => {
      const quarter = Math.floor(at / size / (size / 2)) * 2 + Math.floor((at % size) / (size / 2));
      return random.uniform(-1, 1) + (quarter === index % 4 ? 0.5 : 0);
    });
    for (let at = 0; at < side * side; at++) {
      const [y, x] = [Math.floor(at / side), at % side];
      data[row * side * side + at] = pixels[Math.floor(y / times) * size + Math.floor(x / times)]!;
    }
  }
  return {
    keys: indices.map(String),
    inputs: tensor('float32', [indices.length, 1, side, side], data),
    labels: tensor(
      'int64',
      [indices.length],
      indices.map((index) => BigInt(index % 4)),
    ),
  };
}

/** A runtime that counts what its sessions run. */
export function countingRuntime(): Runtime & { runs: number } {
  const counting = {
    name: runtime.name,
    runs: 0,
    createSession: async (...given: Parameters<Runtime['createSession']>) => {
      const session = await runtime.createSession(...given);
      return new Proxy(session, {
        get(target, name) {
          if (name === 'run') counting.runs++;
          const value = Reflect.get(target, name, target) as unknown;
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  };
  return counting;
}
