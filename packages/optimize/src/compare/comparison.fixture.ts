// Small classifiers and images for tests of comparisons.
import { type Batch, type BatchSource, keyedRandom, tensor } from '@percept/core';
import { GraphBuilder, type Runtime, writeModel } from '@percept/onnx';
import { normal, runtime } from '../quantize/test-networks.fixture.js';
import type { ComparisonPlatform } from './platform.js';

/** A model whose scores are its input times a factor per class: `[N, 3, 1, 1]` → `[N, 3]`. */
export function scaling(factors: readonly number[], batch: number | string = 'N'): Uint8Array {
  const g = new GraphBuilder('scaling');
  const x = g.node('Flatten', [g.input('x', 'float32', [batch, 3, 1, 1])]);
  g.output(g.node('Mul', [x, g.constant(tensor('float32', [3], factors))], {}, { outputs: ['y'] }), 'float32', [
    batch,
    3,
  ]);
  return writeModel(g.build());
}

/** 20 images of one pixel whose highest channel is the label, in batches of 4. */
export const pixels: BatchSource = {
  batchesPerEpoch: 5,
  classes: ['a', 'b', 'c'],
  async *batches(): AsyncIterable<Batch> {
    for (let index = 0; index < 5; index++) {
      const inputs = normal(keyedRandom('pixels', index), [4, 3, 1, 1]);
      const labels = Array.from({ length: 4 }, (_, at) => {
        const row = [...inputs.data.subarray(3 * at, 3 * at + 3)];
        return BigInt(row.indexOf(Math.max(...row)));
      });
      yield { keys: ['1', '2', '3', '4'], inputs, labels: tensor('int64', [4], labels) };
    }
  },
};

/** A machine that tells the same at any time. */
export const stillPlatform: ComparisonPlatform = {
  readMachine: () => ({
    cpu: 'Test CPU',
    cores: 2,
    extensions: ['AVX2', 'AVX-512 VNNI'],
    host: 'Node 0.0.0, linux x64',
  }),
  sessionMemory: async ({ model }) => ({ bytes: 10 * model.length }),
};

/** A runtime that counts its open sessions, and the most that were ever open. */
export function countingRuntime(): { runtime: Runtime; open: () => number; most: () => number } {
  let open = 0;
  let most = 0;
  return {
    open: () => open,
    most: () => most,
    runtime: {
      name: runtime.name,
      async createSession(model, options) {
        const session = await runtime.createSession(model, options);
        most = Math.max(most, ++open);
        const close = async () => {
          open--;
          await session.close();
        };
        return {
          inputs: session.inputs,
          outputs: session.outputs,
          provider: session.provider,
          refused: session.refused,
          run: (feeds, options) => session.run(feeds, options),
          warmUp: (options) => session.warmUp(options),
          profile: () => session.profile(),
          close,
          [Symbol.asyncDispose]: close,
        };
      },
    },
  };
}
