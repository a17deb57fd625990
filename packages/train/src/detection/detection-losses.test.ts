import { type Tensor, tensor } from '@percept/core';
import { writeModel } from '@percept/onnx';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import type { Loss } from '../losses/loss.js';
import { StepBuilder } from '../step-builder.js';
import { golden } from './golden.fixture.js';
import { retinaLoss } from './retina-loss.js';
import { ssdLoss } from './ssd-loss.js';

const runtime = onnxruntimeNode({ worker: false });

async function evaluateLoss(
  loss: Loss,
  dims: readonly number[],
  scores: readonly number[],
  targets: readonly number[],
): Promise<{ value: number; gradient: Float32Array }> {
  const g = new StepBuilder('loss');
  g.input('scores', 'float32', [...dims]);
  const targetDims = loss.targets!.dims(dims);
  g.input('labels', 'float32', [...targetDims]);
  for (const [name, value] of Object.entries(loss.emit(g, 'scores', 'labels', dims))) {
    g.output(g.node('Identity', [value], {}, { outputs: [name] }), 'float32', undefined);
  }
  const session = await runtime.createSession(writeModel(g.build()), { threads: 1 });
  const feeds: Record<string, Tensor> = {
    scores: tensor('float32', dims, scores),
    labels: tensor('float32', targetDims, targets),
  };
  const results = await session.run(feeds);
  await session.close();
  return { value: Number(results.value!.data[0]), gradient: results.gradient!.data as Float32Array };
}

describe('losses of detectors', () => {
  it.each(golden.losses.map((entry) => [`${entry.loss} ${JSON.stringify(entry.options)}`, entry] as const))(
    '%s has the value and the gradient of torchvision',
    async (_, { loss, options, dims, scores, targets, value, gradient }) => {
      const ours = await evaluateLoss((loss === 'ssdLoss' ? ssdLoss : retinaLoss)(options), dims, scores, targets);
      expect(Math.abs(ours.value / value - 1)).toBeLessThan(1e-6);
      const largest = Math.max(...gradient.map(Math.abs));
      for (const [i, expected] of gradient.entries()) {
        expect(Math.abs(ours.gradient[i]! - expected) / largest, `gradient ${i}`).toBeLessThan(1e-6);
      }
    },
  );

  it('counts nothing of images without boxes, except background with the focal loss', async () => {
    const dims = [1, 3, 6];
    const scores = Array.from({ length: 18 }, (_, i) => Math.sin(i));
    const targets = Array<number>(15).fill(0);
    const ssd = await evaluateLoss(ssdLoss(), dims, scores, targets);
    expect(ssd.value).toBe(0);
    expect(ssd.gradient.every((value) => value === 0)).toBe(true);
    const retina = await evaluateLoss(retinaLoss(), dims, scores, targets);
    expect(retina.value).toBeGreaterThan(0);
  });

  it('leaves out anchors that count for nothing', async () => {
    const targets = [0, 0, 0, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0];
    for (const loss of [ssdLoss(), retinaLoss()]) {
      const scores = Array.from({ length: 18 }, (_, i) => Math.cos(i) * 3);
      const one = await evaluateLoss(loss, [1, 3, 6], scores, targets);
      expect([...one.gradient.subarray(6, 12)].every((value) => value === 0)).toBe(true);
      const other = await evaluateLoss(
        loss,
        [1, 3, 6],
        scores.map((score, i) => (i === 10 ? 40 : score)),
        targets,
      );
      expect(other.value).toBe(one.value);
    }
  });

  it('refuses scores of classifiers and options out of range', () => {
    for (const loss of [ssdLoss(), retinaLoss()]) {
      expect(() => loss.emit(new StepBuilder('loss'), 'scores', 'labels', [2, 3])).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      );
    }
    // With 4 classes, ssdLoss wants a column for the background and retinaLoss none.
    const emit = (loss: Loss, columns: number) => () => {
      const g = new StepBuilder('loss');
      const dims = [2, 3, 4 + columns];
      return loss.emit(g, g.input('scores', 'float32', dims), g.input('labels', 'float32', [2, 3, 5]), dims, 4);
    };
    expect(emit(ssdLoss(), 4)).toThrow(/Expected scores \[N, anchors, 9\] for ssdLoss\(\)/);
    expect(emit(retinaLoss(), 5)).toThrow(/Expected scores \[N, anchors, 8\] for retinaLoss\(\)/);
    expect(() => ssdLoss({ negativesPerPositive: -1 })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    expect(() => retinaLoss({ alpha: 2 })).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
