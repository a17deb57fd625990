import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder, type Model, writeModel } from '@percept/onnx';
import { evaluateModel, fromNumbers, numbers, type Value } from '@percept/onnx/backends/interpreter';
import { onnxruntimeNode } from '@percept/onnx/backends/node';
import { describe, expect, it } from 'vitest';
import { emitForwardPass } from '../backward.js';
import { StepBuilder } from '../step-builder.js';
import { trainable } from '../trainable.js';
import { gradients } from './table.js';

interface RecordedInput {
  readonly type: 'float32' | 'int64' | 'int8' | 'uint8' | 'bool';
  readonly dims: number[];
  readonly data: number[];
  /** Absent for what has no gradient. */
  readonly gradient?: number[];
}

interface Case {
  readonly operator: string;
  readonly name: string;
  readonly opset: number;
  readonly attributes: Record<string, AttributeInput>;
  readonly inputs: (RecordedInput | null)[];
  readonly outputs: { readonly dims: number[]; readonly gradient: number[] }[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/gradients.json', import.meta.url), 'utf8'),
) as { tool: string; cases: Case[] };

/** Names of the inputs that have a gradient. */
const differentiable = ({ inputs }: Case): string[] =>
  inputs.flatMap((input, at) => (input?.gradient ? [`w${at}`] : []));

const tensorOf = ({ type, dims, data }: RecordedInput): Tensor =>
  type === 'int64' ? tensor('int64', dims, data.map(BigInt)) : tensor(type, dims, data);

/** The operator over constants; `joined` puts its outputs behind each other, since a trained model has one. */
function modelOf(entry: Case, joined: boolean): Model {
  const g = new GraphBuilder(entry.name, { opset: entry.opset });
  g.input('x', 'float32', [1]);
  const inputs = entry.inputs.map((input, at) => (input === null ? '' : g.initializer(`w${at}`, tensorOf(input))));
  const quantizes = entry.operator === 'QuantizeLinear';
  const outputs = entry.outputs.map((_, at) => (quantizes ? 'quantized' : `y${at}`));
  let names = g.multi(entry.operator, inputs, entry.attributes, { outputs });
  if (quantizes)
    names = g.multi('DequantizeLinear', [...names, ...inputs.slice(1)], entry.attributes, { outputs: ['y0'] });
  if (!joined) {
    for (const name of names) g.output(name, 'float32', undefined);
    return g.build();
  }
  const shape = () => g.constant(tensor('int64', [1], [-1n]), 'shape');
  const flat = names.map((name) => g.node('Reshape', [g.node('Cast', [name], { to: 1 }), shape()]));
  g.output(g.node('Concat', [...flat, 'x'], { axis: 0 }), 'float32', undefined);
  return g.build();
}

/** A graph from the inputs of a case to its gradients. */
function gradientGraph(entry: Case): Model {
  const source = trainable(modelOf(entry, true));
  const wrt = differentiable(entry);
  const g = new StepBuilder('gradients');
  g.input(source.input, 'float32', [1]);
  for (const [name, { type, dims }] of source.constants) {
    if (wrt.includes(name)) g.input(name, type, [...dims]);
    else g.initializer(name, source.constants.get(name)!);
  }
  const seeds = [...entry.outputs.flatMap(({ gradient }) => gradient), 0];
  const forward = emitForwardPass(g, source, { wrt, inputDims: [1] });
  const seed = g.constant(tensor('float32', [seeds.length], seeds), 'seed');
  const found = forward.backward(new Map([[source.output, seed]]));
  for (const name of wrt) {
    g.output(g.node('Identity', [found.get(name)!], {}, { outputs: [`gradient.${name}`] }), 'float32', undefined);
  }
  return g.build();
}

function feedsOf(entry: Case): Record<string, Tensor> {
  const named = entry.inputs.map((input, at) => [`w${at}`, input] as const);
  const wrt = named.flatMap(([name, input]) => (input?.gradient ? [[name, tensorOf(input)] as const] : []));
  return { x: tensor('float32', [1]), ...Object.fromEntries(wrt) };
}

/** Largest difference, relative to the largest expected value. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let [difference, largest] = [0, 1e-3];
  for (let at = 0; at < expected.length; at++) {
    difference = Math.max(difference, Math.abs(actual[at]! - expected[at]!));
    largest = Math.max(largest, Math.abs(expected[at]!));
    expect(Number.isFinite(actual[at])).toBe(true);
  }
  return difference / largest;
}

const runtime = onnxruntimeNode({ worker: false });

describe(`gradients on onnxruntime against ${golden.tool}`, () => {
  it.each(golden.cases.map((entry) => [entry.operator, entry.name, entry] as const))('%s: %s', async (_, __, entry) => {
    const session = await runtime.createSession(writeModel(gradientGraph(entry)), { threads: 1 });
    const results = await session.run(feedsOf(entry));
    await session.close();
    for (const name of differentiable(entry)) {
      const input = entry.inputs[Number(name.slice(1))]!;
      const found = results[`gradient.${name}`]!;
      expect(found.dims).toEqual(input.dims);
      expect(relativeError(found.data as Float32Array, input.gradient!), name).toBeLessThan(1e-5);
    }
  });
});

/** Kinks that a case sits on by purpose, and steps that gradients go straight through: there is no difference quotient. */
const hasQuotient = ({ operator, name }: Case): boolean =>
  operator !== 'QuantizeLinear' && !['Max: equal', 'Pow: exponent 0 of 0'].includes(`${operator}: ${name}`);

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
  it('hold three variants of every operator that gradients.test.ts has none of', () => {
    const elsewhere = [
      'BatchNormalization',
      'Conv',
      'Flatten',
      'Gemm',
      'GlobalAveragePool',
      'MatMul',
      'MaxPool',
      'Reshape',
    ];
    for (const operator of Object.keys(gradients)) {
      if (elsewhere.includes(operator)) continue;
      // What is quantized is dequantized behind it.
      const recorded = operator === 'DequantizeLinear' ? 'QuantizeLinear' : operator;
      const count = golden.cases.filter((entry) => entry.operator === recorded).length;
      expect(count, operator).toBeGreaterThanOrEqual(3);
    }
  });
});
