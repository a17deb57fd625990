// A pruned network computes what the whole one does when the weights that went are zero: on onnxruntime, group by group.
import { keyedRandom } from '@percept/core';
import type { Model } from '@percept/onnx';
import { assertValidModel } from '@percept/onnx/graph';
import { describe, expect, it } from 'vitest';
import { channelGraph } from './channel-graph.js';
import { channelGroups } from './channel-groups.js';
import { prepareForPruning } from './prepare-for-pruning.js';
import { builders, difference, images, masked, shaken, stockNets } from './pruned-networks.fixture.js';
import { removeChannels } from './remove-channels.js';

const timeout = 300_000;

/** Two fifths of the units, by chance, and never all. */
function chosen(units: readonly number[], seed: string): number[] {
  const random = keyedRandom('remove', seed);
  return units.slice(1).filter(() => random.float() < 0.4);
}

async function check(model: Model, dims: readonly number[], alone: 'each group' | 'together'): Promise<void> {
  const prepared = prepareForPruning(model);
  const graph = channelGraph(prepared);
  const { groups } = channelGroups(graph);
  expect(groups.length).toBeGreaterThan(0);
  const all = groups.map(({ units }, at) => chosen(units, String(at)));
  const trials = alone === 'together' ? [all.flat()] : [all.flat(), ...all];
  const input = images(dims);
  for (const [trial, units] of trials.entries()) {
    const removed = new Set(units);
    const pruned = removeChannels(prepared, graph, removed);
    assertValidModel(pruned);
    // Zeros that nobody noticed would prove nothing.
    if (trial === 0) expect(await difference(prepared, pruned, input)).toBeGreaterThan(1e-3);
    expect(await difference(masked(prepared, graph, removed), pruned, input), `trial ${trial}`).toBeLessThan(1e-5);
  }
}

describe('removing channels', () => {
  const sizes: Readonly<Record<string, number>> = { squeezenet: 48 };

  it.each(builders)('equals zeros in all groups of %s together', { timeout }, async (name, build) => {
    await check(shaken(build()), [2, 3, sizes[name] ?? 32, sizes[name] ?? 32], 'together');
  });

  it.each(builders.filter(([name]) => !/resnet(18|50)|V2|B0/.test(name)))(
    'equals zeros in each group of %s',
    { timeout },
    async (name, build) => {
      await check(shaken(build()), [2, 3, sizes[name] ?? 32, sizes[name] ?? 32], 'each group');
    },
  );

  it.each(stockNets)('equals zeros in the file of %s', { timeout }, async (_, read) => {
    const { model, inputDims } = read();
    await check(model, inputDims, 'together');
  });
});
