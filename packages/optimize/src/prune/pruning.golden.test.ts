// What goes and what stays, as torch.nn.utils.prune and ASP's rule say (test/goldens/optimize/pruning.py).
import { readFileSync } from 'node:fs';
import { tensor } from '@percept/core';
import { GraphBuilder, type Model } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { pruneChannels } from './prune-channels.js';
import { pruneMagnitude } from './prune-magnitude.js';
import { pruneNM } from './prune-n-m.js';
import type { WeightMasks } from './weight-masks.js';

interface Golden {
  readonly weights: Record<string, { dims: number[]; data: string }>;
  readonly unstructured: { rule: 'local' | 'global'; sparsity: number; masks: Record<string, string> }[];
  readonly structured: { criterion: 'l1' | 'l2'; ratio: number; kept: Record<string, number[]> }[];
  readonly patterns: { n: number; m: number; masks: Record<string, string> }[];
}

const path = new URL('../../../../test/goldens/optimize/pruning.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));

function floats(name: string): Float32Array {
  const bytes = Buffer.from(golden.weights[name]!.data, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

/** One after the other: every layer of the recording reads what the one before gives. */
function network(): Model {
  const g = new GraphBuilder('golden');
  const weight = (name: string): string =>
    g.initializer(`${name}.weight`, tensor('float32', golden.weights[name]!.dims, floats(name)));
  const conv = (x: string, name: string, group = 1): string =>
    g.node('Conv', [x, weight(name)], { group }, { name, outputs: [`${name}.out`] });
  const x = g.input('x', 'float32', ['N', 3, 16, 16]);
  const deep = conv(conv(conv(x, 'conv1'), 'conv2'), 'depthwise', 24);
  const features = g.node('Flatten', [g.node('GlobalAveragePool', [conv(deep, 'grouped', 2)])]);
  g.output(g.node('Gemm', [features, weight('fc')], { transB: 1 }, { name: 'fc' }), 'float32', ['N', 10]);
  return g.build();
}

/** A layer of a recording by itself, with another behind it that reads its channels. */
function alone(name: string): Model {
  const { dims } = golden.weights[name]!;
  const outputs = dims[0]!;
  const g = new GraphBuilder('alone');
  const kernel = g.initializer(
    `${name}.weight`,
    tensor('float32', [outputs, dims.slice(1).reduce((a, b) => a * b, 1)], floats(name)),
  );
  const x = g.input('x', 'float32', ['N', dims.slice(1).reduce((a, b) => a * b, 1)]);
  const hidden = g.node('Gemm', [x, kernel], { transB: 1 }, { name });
  const marks = tensor(
    'float32',
    [1, outputs],
    Float32Array.from({ length: outputs }, (_, at) => at),
  );
  g.output(g.node('Gemm', [hidden, g.initializer('marks', marks)], { transB: 1 }), 'float32', ['N', 1]);
  return g.build();
}

function packed(mask: Uint8Array): string {
  const bytes = new Uint8Array(Math.ceil(mask.length / 8));
  for (const [at, bit] of mask.entries()) bytes[at >> 3]! |= bit << (at & 7);
  return Buffer.from(bytes).toString('base64');
}

function packedMasks(masks: WeightMasks): Record<string, string> {
  return Object.fromEntries([...masks].map(([name, mask]) => [name.replace('.weight', ''), packed(mask)]));
}

describe('pruning as PyTorch does', () => {
  it.each(golden.unstructured)('$rule magnitude, $sparsity', ({ rule, sparsity, masks: expected }) => {
    const { model, masks, layers } = pruneMagnitude(network(), { sparsity, scope: rule });
    expect(packedMasks(masks)).toEqual(expected);
    for (const { weight, zeros } of layers) {
      expect(zeros, weight).toBe(masks.get(weight)!.reduce((sum, bit) => sum + (bit === 0 ? 1 : 0), 0));
      const before = floats(weight.replace('.weight', ''));
      const after = model.graph.initializers.get(weight)!.data as Float32Array;
      expect(after).toEqual(before.map((value, at) => (masks.get(weight)![at] === 0 ? 0 : value)));
    }
  });

  it.each(golden.structured)('$criterion norm of channels, $ratio', ({ criterion, ratio, kept }) => {
    for (const [name, expected] of Object.entries(kept)) {
      const { model } = pruneChannels(alone(name), { target: { ratio }, criterion, roundTo: 1 });
      expect(Array.from(model.graph.initializers.get('marks')!.data as Float32Array), name).toEqual(expected);
    }
  });

  it.each(golden.patterns)('$n of $m as ASP', ({ n, m, masks: expected }) => {
    const { masks, dense } = pruneNM(network(), { n, m });
    expect(packedMasks(masks)).toEqual(expected);
    expect(dense).toEqual(Object.keys(golden.weights).filter((name) => expected[name] === undefined));
  });
});
