import { readFileSync } from 'node:fs';
import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph-builder.js';
import { readModel } from '../read-model.js';
import { evaluateModel } from './evaluate.js';
import { asTensor, fromNumbers, numbers } from './value.js';

describe('precision float64', () => {
  it('keeps in double what single cancels', async () => {
    const g = new GraphBuilder('cancel');
    const x = g.input('x', 'float32', [1]);
    const root = g.node('Sqrt', [x]);
    g.output(g.node('Sub', [g.node('Mul', [root, root]), x], {}, { outputs: ['y'] }), 'float32', [1]);
    const model = g.build();
    const rest = async (precision: 'float32' | 'float64') => {
      const y = asTensor((await evaluateModel(model, { x: tensor('float32', [1], [2]) }, { precision })).y);
      return { type: y.type, value: Math.abs(numbers(y)[0]!) };
    };
    const [single, double] = [await rest('float32'), await rest('float64')];
    expect([single.type, double.type]).toEqual(['float32', 'float64']);
    expect(single.value).toBeGreaterThan(1e-8);
    expect(double.value).toBeLessThan(1e-15);
  });

  it('differentiates a convolution by differences that single cannot resolve', async () => {
    const g = new GraphBuilder('difference');
    const x = g.input('x', 'float32', [1, 1, 3]);
    const w = g.constant(tensor('float32', [1, 1, 3], [1.1, -2.3, 0.7]));
    const y = g.node('Conv', [x, w]);
    g.output(g.node('Mul', [y, y], {}, { outputs: ['y'] }), 'float32', [1, 1, 1]);
    const model = g.build();
    const step = 1e-6;
    const at = async (shift: number, precision: 'float32' | 'float64') => {
      const feed = fromNumbers('float64', [1, 1, 3], [0.5 + shift, 0.25, -1]);
      const input = precision === 'float64' ? feed : fromNumbers('float32', [1, 1, 3], numbers(feed));
      return numbers(asTensor((await evaluateModel(model, { x: input }, { precision })).y))[0]!;
    };
    const [w0, w1, w2] = [1.1, -2.3, 0.7].map(Math.fround) as [number, number, number];
    const exact = 2 * (0.5 * w0 + 0.25 * w1 - w2) * w0;
    const slope = async (precision: 'float32' | 'float64') =>
      ((await at(step, precision)) - (await at(-step, precision))) / (2 * step);
    expect(await slope('float64')).toBeCloseTo(exact, 8);
    expect(Math.abs((await slope('float32')) - exact)).toBeGreaterThan(1e-3);
  });

  it('agrees with float32 to 1e-5 on the recorded operators', async () => {
    const path = new URL('../../../../test/goldens/onnx/operator-cases.json', import.meta.url);
    const { cases } = JSON.parse(readFileSync(path, 'utf8')) as {
      cases: {
        name: string;
        model: string;
        inputs: { name: string; type: string; dims: number[]; data: (number | string)[] }[];
      }[];
    };
    let compared = 0;
    for (const { name, model, inputs } of cases) {
      if (!inputs.every(({ type, data }) => type === 'float32' && data.every((value) => typeof value === 'number')))
        continue;
      // A window of another precision may fall on the other side of a tie: those two round.
      if (name.includes('Quantize')) continue;
      const feeds = Object.fromEntries(
        inputs.map((input) => [input.name, fromNumbers('float32', input.dims, input.data as number[])]),
      );
      const read = readModel(Buffer.from(model, 'base64'));
      const [single, double] = [
        await evaluateModel(read, feeds),
        await evaluateModel(read, feeds, { precision: 'float64' }),
      ];
      for (const [key, value] of Object.entries(double)) {
        const [wide, narrow] = [asTensor(value), asTensor(single[key])];
        if (narrow.type === 'float32') expect(wide.type).toBe('float64');
        const [a, b] = [numbers(wide), numbers(narrow)];
        const off = [...a.keys()].filter(
          (k) => !(Object.is(a[k], b[k]) || Math.abs(a[k]! - b[k]!) <= 1e-5 * (1 + Math.abs(a[k]!))),
        );
        expect({ name, off }).toEqual({ name, off: [] });
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(80);
  });
});
