import { isPerceptError, tensor } from '@percept/core';
import { memoryStorage } from '@percept/storage/backends/memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from './checkpoint.js';

const checkpoint: Checkpoint = {
  fingerprint: { model: 'sha256:00', seed: 3 },
  position: {
    epoch: 1,
    step: 2,
    running: { images: 16, loss: 0.1 + 0.2, correct: 9, seconds: 1.5 },
    history: [{ epoch: 1, trainLoss: 1 / 3, trainAccuracy: 0.5, learningRate: 0.01, seconds: 2, imagesPerSecond: 10 }],
    best: [{ epoch: 1, value: 1 / 3 }],
  },
  state: new Map([['a.weight', tensor('float32', [2, 2], [1, -0, Number.MIN_VALUE, 1e30])]]),
};

describe('checkpoints', () => {
  it('come back as they were written, to the bit', async () => {
    const storage = memoryStorage();
    await writeCheckpoint(storage, 'runs/a', checkpoint);
    expect(await readCheckpoint(storage, 'runs/a')).toEqual(checkpoint);
    expect(await readCheckpoint(storage, 'runs/b')).toBeUndefined();
  });

  it('keep a validation loss that is no number', async () => {
    const storage = memoryStorage();
    const [epoch] = checkpoint.position.history;
    const history = [{ ...epoch!, validationLoss: Number.NaN, validationAccuracy: 0 }];
    await writeCheckpoint(storage, 'a', { ...checkpoint, position: { ...checkpoint.position, history } });
    expect((await readCheckpoint(storage, 'a'))?.position.history).toEqual(history);
  });

  it('that are damaged are refused, or read without a crash', async () => {
    const storage = memoryStorage();
    await writeCheckpoint(storage, 'a', checkpoint);
    const bytes = await storage.read('a');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: bytes.length }),
        async (changes, length) => {
          const damaged = bytes.slice();
          for (const [at, value] of changes) damaged[at] = value;
          await storage.write('b', damaged.subarray(0, length));
          const outcome = await readCheckpoint(storage, 'b').catch((error: unknown) => error);
          if (outcome instanceof Error) expect(isPerceptError(outcome, 'TRAIN_CHECKPOINT_INVALID')).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
