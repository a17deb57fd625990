import { type BatchSource, keyedRandom, tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import { adamw, emaWeights, type Optimizer, sgd, smallCnn, Trainer } from '@percept/train';
import { describe, expect, it } from 'vitest';
import { describeSparsity } from './describe-sparsity.js';
import { keepZeros } from './keep-zeros.js';
import { pruneGradually } from './prune-gradually.js';
import { pruneMagnitude } from './prune-magnitude.js';
import { pruneNM } from './prune-n-m.js';
import { constantSparsity, oneShotSparsity, polynomialSparsity } from './sparsity-schedules.js';
import { applyMasks, masksOfZeros } from './weight-masks.js';

const model = smallCnn({ classes: 3, size: 8, width: 8, seed: 4 });
const classes = ['a', 'b', 'c'];
const random = keyedRandom('sparse training');
const data: BatchSource = {
  classes,
  batchesPerEpoch: 4,
  async *batches({ start = 0 }) {
    for (let batch = start; batch < 4; batch++) {
      const inputs = tensor(
        'float32',
        [6, 1, 8, 8],
        Float32Array.from({ length: 384 }, () => random.normal()),
      );
      yield { keys: [], inputs, labels: tensor('int64', [6], [0n, 2n, 1n, 1n, 0n, 2n]) };
    }
  },
};

async function trained(source: Model, optimizer: Optimizer): Promise<Model> {
  return (await new Trainer({ model: source, data, epochs: 2, optimizer, threads: 1 }).fit()).model;
}

/** Elements that moved, and elements that the masks say are zero and are not. */
function changes(
  before: Model,
  after: Model,
  masks: ReadonlyMap<string, Uint8Array>,
): { moved: number; broken: number } {
  let [moved, broken] = [0, 0];
  for (const [name, mask] of masks) {
    const [old, now] = [before, after].map(({ graph }) => graph.initializers.get(name)!.data as Float32Array);
    for (const [at, bit] of mask.entries()) {
      if (bit === 1 && old![at] !== now![at]) moved++;
      if (bit === 0 && now![at] !== 0) broken++;
    }
  }
  return { moved, broken };
}

describe('keepZeros', () => {
  const sparse = pruneMagnitude(model, { sparsity: 0.7 });
  const optimizers: [string, Optimizer][] = [
    [
      'SGD with momentum and decay',
      keepZeros(sgd({ learningRate: 0.1, momentum: 0.9, weightDecay: 1e-2 }), sparse.masks),
    ],
    ['AdamW', keepZeros(adamw({ learningRate: 0.01 }), sparse.masks)],
    ['an average outside', emaWeights(keepZeros(adamw({ learningRate: 0.01 }), sparse.masks), { decay: 0.5 })],
    ['an average inside', keepZeros(emaWeights(adamw({ learningRate: 0.01 }), { decay: 0.5 }), sparse.masks)],
  ];

  it.each(optimizers)('keeps every zero under %s', async (_, optimizer) => {
    const { moved, broken } = changes(sparse.model, await trained(sparse.model, optimizer), sparse.masks);
    expect(broken).toBe(0);
    expect(moved).toBeGreaterThan(300);
  });

  it('is needed: without it zeros are lost', async () => {
    expect(changes(sparse.model, await trained(sparse.model, adamw()), sparse.masks).broken).toBeGreaterThan(300);
  });

  it('refuses masks of another model', async () => {
    const other = new Map([['conv1.weight', new Uint8Array(7)]]);
    await expect(trained(model, keepZeros(sgd({ learningRate: 0.1 }), other))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });
});

describe('pruneGradually', () => {
  it('follows the schedule and ends as sparse as it says', async () => {
    const asked: number[] = [];
    const {
      model: sparse,
      masks,
      layers,
    } = await pruneGradually(model, {
      schedule: polynomialSparsity({ final: 0.8, end: 3 }),
      rounds: 4,
      finetune: (current, round) => {
        asked.push(round.sparsity);
        return trained(current, keepZeros(sgd({ learningRate: 0.05 }), round.masks));
      },
    });
    expect(asked.map((value) => value.toFixed(4))).toEqual(['0.0000', '0.5630', '0.7704', '0.8000']);
    const [zeros, elements] = layers.reduce(([z, e], layer) => [z + layer.zeros, e + layer.elements], [0, 0]);
    expect(zeros / elements).toBeCloseTo(0.8, 2);
    expect(changes(model, sparse, masks).broken).toBe(0);
    expect(masksOfZeros(sparse)).toEqual(new Map([...masks].filter(([, mask]) => mask.includes(0))));
  });

  it('sets zeros again that a training lost', async () => {
    const options = { schedule: constantSparsity(0.5), rounds: 2 };
    const { model: sparse, masks } = await pruneGradually(model, { ...options, finetune: (x) => trained(x, adamw()) });
    expect(changes(model, sparse, masks).broken).toBe(0);
  });
});

describe('sparsity schedules', () => {
  it('are those of Zhu and Gupta', () => {
    const { at } = polynomialSparsity({ initial: 0.2, final: 0.9, begin: 10, end: 20 });
    // s_t = s_f + (s_i - s_f) (1 - (t - t_0) / (n Δt))³
    const expected = [0.2, 0.2, 0.9 - 0.7 / 8, 0.9 + (0.2 - 0.9) * (1 - 0.9) ** 3, 0.9, 0.9];
    for (const [index, step] of [0, 10, 15, 19, 20, 99].entries()) expect(at(step)).toBeCloseTo(expected[index]!, 12);
    expect([0, 7].map(constantSparsity(0.6).at)).toEqual([0.6, 0.6]);
    expect([0, 2, 3, 9].map(oneShotSparsity({ sparsity: 0.6, step: 3 }).at)).toEqual([0, 0, 0.6, 0.6]);
  });

  it('refuse what is no sparsity', () => {
    const code = 'INVALID_ARGUMENT';
    expect(() => constantSparsity(1)).toThrow(expect.objectContaining({ code }));
    expect(() => polynomialSparsity({ final: 0.5, begin: 4, end: 4 })).toThrow(expect.objectContaining({ code }));
  });
});

describe('describeSparsity', () => {
  it('shows that zeros are saved by compression only', async () => {
    const wide = smallCnn({ classes: 10, size: 28, width: 32, seed: 1 });
    const dense = await describeSparsity(wide);
    const sparse = await describeSparsity(pruneMagnitude(wide, { sparsity: 0.9 }).model);
    expect([dense.zeros, dense.sparsity]).toEqual([0, 0]);
    expect(sparse.sparsity).toBeCloseTo(0.9, 3);
    expect(sparse.layers.map(({ layer }) => layer)).toEqual(dense.layers.map(({ layer }) => layer));
    expect(sparse.size).toBe(dense.size);
    expect(dense.gzip / sparse.gzip).toBeGreaterThan(4);
  });
});

describe('bad input', () => {
  const empty = (): Model => {
    const g = new GraphBuilder('empty');
    g.output(g.node('Relu', [g.input('x', 'float32', ['N', 2])]), 'float32', ['N', 2]);
    return g.build();
  };
  const broken = applyMasks(model, new Map());
  broken.graph.initializers.set('conv1.weight', tensor('float32', [8, 1, 3, 3], new Float32Array(72).fill(Number.NaN)));

  it.each([
    ['a model without weights', () => pruneMagnitude(empty(), { sparsity: 0.5 }), 'OPTIMIZE_NOTHING_TO_PRUNE'],
    [
      'patterns that mean nothing',
      () => pruneMagnitude(model, { sparsity: 0.5, include: ['nothing'] }),
      'OPTIMIZE_NOTHING_TO_PRUNE',
    ],
    ['NaN weights', () => pruneMagnitude(broken, { sparsity: 0.5 }), 'OPTIMIZE_NOT_FINITE'],
    ['NaN weights in patterns', () => pruneNM(broken), 'OPTIMIZE_NOT_FINITE'],
    ['a sparsity of 1', () => pruneMagnitude(model, { sparsity: 1 }), 'INVALID_ARGUMENT'],
    ['4 of 4', () => pruneNM(model, { n: 4, m: 4 }), 'INVALID_ARGUMENT'],
  ])('%s is refused', (_, call, code) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
