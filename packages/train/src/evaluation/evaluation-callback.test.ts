import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { expect, it } from 'vitest';
import { toyBatches } from '../batches.fixture.js';
import { smallCnn } from '../builders/small-cnn.js';
import { Trainer } from '../trainer.js';
import { evaluationCallback } from './evaluation-callback.js';

it('evaluates every so many epochs of a training, and its figures stand in the history', async () => {
  const seen: [number, number][] = [];
  const callback = evaluationCallback({
    data: toyBatches({ shuffle: false }),
    runtime: onnxruntimeNode({ worker: false }),
    every: 2,
    onEvaluation(report, { epoch }) {
      seen.push([epoch, report.samples]);
      return { macroF1: report.f1.macro };
    },
  });
  const model = smallCnn({ classes: 4, size: 8, width: 2, seed: 1 });
  const { history } = await new Trainer({ model, data: toyBatches(), epochs: 4, callbacks: [callback] }).fit();
  expect(seen).toEqual([
    [2, 44],
    [4, 44],
  ]);
  expect(history.map(({ metrics }) => Object.keys(metrics ?? {}))).toEqual([[], ['macroF1'], [], ['macroF1']]);
  expect(() => evaluationCallback({ every: 0 } as never)).toThrow(/every/);
});
