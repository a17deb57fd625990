import { describe, expect, it } from 'vitest';
import { adamw } from '../optimizers/adamw.js';
import { chain } from '../optimizers/chain.js';
import { adaptiveClip, clipByGlobalNorm } from '../optimizers/clipping.js';
import { lamb } from '../optimizers/lamb.js';
import { buildUpdateGraph, valueOfInput } from './update-graph.js';

const weights = [
  { name: 'conv/kernel', dims: [3, 3, 2, 4] },
  { name: 'depthwise/depthwise_kernel', dims: [3, 3, 4, 1] },
  { name: 'head/kernel', dims: [4, 5] },
  { name: 'head/bias', dims: [5] },
];
const transposes = (optimizer: Parameters<typeof buildUpdateGraph>[0]) =>
  buildUpdateGraph(optimizer, weights).graph.nodes.filter(({ opType }) => opType === 'Transpose');

describe('graphs of updates', () => {
  it('stay in the layout of layers where all numbers of a weight are treated alike', () => {
    for (const optimizer of [adamw(), lamb(), chain(clipByGlobalNorm(1), adamw())]) {
      expect(transposes(optimizer), optimizer.description).toEqual([]);
    }
  });

  it('go to the layout of ONNX and back where axes matter', () => {
    const optimizer = chain(adaptiveClip(), adamw());
    // In: each weight with its gradient and two moments; out: the same without the gradient. The vector stays.
    const perms = transposes(optimizer).map(({ attributes }) => (attributes.perm as { value: number[] }).value.join());
    const count = (perm: string): number => perms.filter((each) => each === perm).length;
    expect([count('3,2,0,1'), count('2,3,0,1'), count('1,0'), perms.length]).toEqual([4, 4 + 3, 4 + 3, 21]);
    const { inputs } = buildUpdateGraph(optimizer, weights).graph;
    expect(inputs.map(({ name }) => valueOfInput(name))).toContain('gradient.conv/kernel');
  });
});
