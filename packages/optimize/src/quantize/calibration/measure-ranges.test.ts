import { tensor } from '@percept/core';
import type { Runtime } from '@percept/onnx';
import { describe, expect, it } from 'vitest';
import { batches, residualNetwork, runtime } from '../test-networks.fixture.js';
import { calibratorOf } from './calibrator.js';
import { measureRanges } from './measure-ranges.js';

const values = ['input', 'logits'];

/** The runtime, and the most numbers that left it in one run. */
function counting(): { runtime: Runtime; most: () => number; runs: () => number } {
  let [most, runs] = [0, 0];
  const createSession: Runtime['createSession'] = async (...args) => {
    const session = await runtime.createSession(...args);
    const run = session.run.bind(session);
    session.run = async (...feeds) => {
      const results = await run(...feeds);
      const numbers = Object.values(results).reduce((sum, { data }) => sum + data.length, 0);
      [most, runs] = [Math.max(most, numbers), runs + 1];
      return results;
    };
    return session;
  };
  return { runtime: { name: runtime.name, createSession }, most: () => most, runs: () => runs };
}

describe('measureRanges', () => {
  it('takes three numbers a value out of the runtime where extremes will do', async () => {
    const watched = counting();
    const calibrator = calibratorOf({ method: 'min-max' });
    const options = { runtime: watched.runtime, data: batches(3, 4, 16), values, calibrator };
    await measureRanges(residualNetwork(31), options);
    expect([watched.most(), watched.runs()]).toEqual([6, 3]);
  });

  it('takes the values of a batch out once where they are counted', async () => {
    const watched = counting();
    const calibrator = calibratorOf({ method: 'percentile' });
    const options = { runtime: watched.runtime, data: batches(3, 4, 16), values, calibrator };
    await measureRanges(residualNetwork(31), options);
    // One more run to learn their sizes; the input never comes back.
    expect([watched.most(), watched.runs()]).toEqual([40, 4]);
  });

  it('measures more numbers than may leave at once in parts', async () => {
    const network = residualNetwork(32);
    const stem = network.graph.nodes[0]!.outputs[0]!;
    const watched = counting();
    const calibrator = calibratorOf({ method: 'percentile' });
    const options = { runtime: watched.runtime, data: batches(2, 5, 16), values: [stem], calibrator };
    const found = await measureRanges(network, { ...options, numbersAtOnce: 5000 });
    expect(found.images).toBe(10);
    expect([watched.most(), watched.runs()]).toEqual([2 * 8 * 16 * 16, 7]);
  });

  it.each(['min-max', 'percentile', 'mse'] as const)('tells of NaN with %s', async (method) => {
    const data = (async function* () {
      const bad = tensor('float32', [2, 3, 16, 16]);
      bad.data[9] = Number.NaN;
      yield bad;
    })();
    const failure = measureRanges(residualNetwork(33), { runtime, data, values, calibrator: calibratorOf({ method }) });
    await expect(failure).rejects.toMatchObject({ code: 'OPTIMIZE_NOT_FINITE', details: { value: 'input' } });
  });
});
