import { encodeImage, plainPreset } from '@percept/image';
import { memoryStorage } from '@percept/storage/backends/memory';
import { describe, expect, it } from 'vitest';
import { createLoader } from './loader.js';
import { openShards } from './open-shards.js';
import { packShards } from './pack-shards.js';
import { memorySource } from './source.js';

describe('shards and loader in a browser', () => {
  it('pack, open and load as in Node', async () => {
    const samples = await Promise.all(
      Array.from({ length: 6 }, async (_, at) => {
        const data = new Uint8Array(784).fill(at);
        const image = await encodeImage({ width: 28, height: 28, channels: 1, data }, { format: 'png' });
        return { key: `k${at}`, label: at % 2, extension: 'png', image };
      }),
    );
    const storage = memoryStorage();
    await packShards(memorySource(['a', 'b'], samples), storage, { prefix: 'p', maxSamples: 4 });
    const source = await openShards(storage, 'p');
    const preprocess = plainPreset({ width: 28, height: 28, color: 'gray' });
    const loader = createLoader({ source, batchSize: 4, shuffle: true, seed: 7, preprocess });
    const keys: string[] = [];
    for await (const batch of loader.batches({ epoch: 2 })) {
      for (const [at, key] of batch.keys.entries()) {
        keys.push(key);
        expect(batch.inputs.data[at * 784]).toBe(Math.fround(Number(key.slice(1)) * Math.fround(1 / 255)));
      }
    }
    expect(keys).toEqual(['k0', 'k3', 'k4', 'k5', 'k1', 'k2']);
  });
});
