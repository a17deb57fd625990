import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import type { Attribute } from '../../model.js';
import { f32, int, ints, result } from './single-node.fixture.js';

const floats = (...values: number[]): Attribute => ({
  type: 'tensor',
  value: tensor('float32', [values.length], values),
});
const bytes = (...values: number[]): Attribute => ({ type: 'tensor', value: tensor('uint8', [values.length], values) });

/** x[0] <= 0 ? 1 : 3 for target 0 and x[1] > 2 ? 2 : -2 for target 1. */
const stumps = {
  n_targets: int(2),
  tree_roots: ints(0, 1),
  nodes_featureids: ints(0, 1),
  nodes_modes: bytes(0, 3),
  nodes_splits: floats(0, 2),
  nodes_truenodeids: ints(0, 2),
  nodes_falsenodeids: ints(1, 3),
  nodes_trueleafs: ints(1, 1),
  nodes_falseleafs: ints(1, 1),
  leaf_targetids: ints(0, 0, 1, 1),
  leaf_weights: floats(1, 3, 2, -2),
};
const domain = { domain: 'ai.onnx.ml', opset: 5 };
const run = (rows: number[], attributes: Record<string, Attribute> = {}) =>
  result('TreeEnsemble', [f32([rows.length / 2, 2], rows)], { ...stumps, ...attributes }, domain);

describe('TreeEnsemble', () => {
  it('adds the leaves that a sample falls into', () => {
    expect(run([0, 2, 0.1, 2.1])).toEqual([1, -2, 3, 2]);
  });

  it('numbers softmax 1 and the logistic function 2, as the standard does', () => {
    const power = Math.exp(-3);
    for (const [at, value] of [1 / (1 + power), power / (1 + power)].entries()) {
      expect(run([0, 0], { post_transform: int(1) })[at]).toBeCloseTo(value, 6);
    }
    for (const [at, score] of [1, -2].entries()) {
      expect(run([0, 0], { post_transform: int(2) })[at]).toBeCloseTo(1 / (1 + Math.exp(-score)), 6);
    }
  });

  it('sends a missing value where the node says', () => {
    expect(run([Number.NaN, Number.NaN])).toEqual([3, -2]);
    expect(run([Number.NaN, Number.NaN], { nodes_missing_value_tracks_true: ints(1, 1) })).toEqual([1, 2]);
  });

  it('refuses nodes that go in a circle', () => {
    const circle = {
      nodes_trueleafs: ints(0, 0),
      nodes_falseleafs: ints(0, 0),
      nodes_truenodeids: ints(1, 0),
      nodes_falsenodeids: ints(1, 0),
    };
    expect(() => run([0, 0], circle)).toThrow(expect.objectContaining({ code: 'ONNX_RUN_FAILED' }));
  });
});
