import type { Tensor } from '@percept/core';
import { evaluateModel, fromNumbers, numbers, type Value } from '@percept/onnx/backends/interpreter';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import {
  type Case,
  differentiable,
  errorOn,
  feedsOf,
  golden,
  gradientGraph,
  modelOf,
  relativeError,
  tensorOf,
} from './recorded-cases.fixture.js';
import { gradients } from './table.js';

describe(`gradients on onnxruntime-node against ${golden.tool}`, () => {
  const runtime = onnxruntimeNode({ worker: false });
  it.each(golden.cases.map((entry) => [entry.operator, entry.name, entry] as const))('%s: %s', async (_, __, entry) => {
    expect(await errorOn(runtime, entry)).toBeLessThan(1e-5);
  });
});

/** Kinks that a case sits on by purpose, what computes something else while training, and steps that gradients go straight through: there is no difference quotient. */
const hasQuotient = ({ operator, name }: Case): boolean =>
  operator !== 'QuantizeLinear' &&
  operator !== 'BatchNormalization' &&
  !['Max: equal', 'Pow: exponent 0 of 0'].includes(`${operator}: ${name}`);

describe('gradients in float64 against central differences', () => {
  const smooth = golden.cases.filter(hasQuotient);
  it.each(smooth.map((entry) => [entry.operator, entry.name, entry] as const))('%s: %s', async (_, __, entry) => {
    const precision = 'float64';
    const found = await evaluateModel(gradientGraph(entry), feedsOf(entry), { precision });
    const forward = modelOf(entry, false);
    forward.graph.inputs = entry.inputs.flatMap((input, at) =>
      input === null ? [] : [{ name: `w${at}`, type: input.type, dims: input.dims, docString: '' }],
    );
    forward.graph.initializers = new Map();
    const feeds: Record<string, Value | Tensor> = {};
    for (const [at, input] of entry.inputs.entries()) if (input !== null) feeds[`w${at}`] = tensorOf(input);
    const objective = async (): Promise<number> => {
      const outputs = await evaluateModel(forward, feeds, { precision });
      let sum = 0;
      for (const [at, { gradient }] of entry.outputs.entries()) {
        const values = numbers(outputs[`y${at}`] as Parameters<typeof numbers>[0]);
        for (const [index, seed] of gradient.entries()) sum += seed * values[index]!;
      }
      return sum;
    };
    for (const name of differentiable(entry)) {
      const { dims, data } = entry.inputs[Number(name.slice(1))]!;
      const values = Float64Array.from(Float32Array.from(data));
      const analytic = numbers(found[`gradient.${name}`] as Parameters<typeof numbers>[0]);
      const stride = Math.max(1, Math.floor(data.length / 13));
      const [computed, numeric]: [number[], number[]] = [[], []];
      for (let at = 0; at < data.length; at += stride) {
        const sides: number[] = [];
        for (const change of [1e-5, -1e-5]) {
          const moved = Float64Array.from(values);
          moved[at]! += change;
          feeds[name] = fromNumbers('float64', dims, moved);
          sides.push(await objective());
        }
        numeric.push((sides[0]! - sides[1]!) / 2e-5);
        computed.push(analytic[at]!);
      }
      feeds[name] = fromNumbers('float64', dims, values);
      expect(relativeError(computed, numeric), name).toBeLessThan(1e-6);
    }
  });
});

describe('the recorded cases', () => {
  it('hold three variants of every operator', () => {
    for (const operator of Object.keys(gradients)) {
      // What is quantized is dequantized behind it.
      const recorded = operator === 'DequantizeLinear' ? 'QuantizeLinear' : operator;
      const count = golden.cases.filter((entry) => entry.operator === recorded).length;
      expect(count, operator).toBeGreaterThanOrEqual(3);
    }
  });
});
