// The gradients of single operators that PyTorch recorded (test/goldens/train/gradients.py), and the graphs that compute ours.
import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@percept/core';
import { type AttributeInput, GraphBuilder, type Model, type Runtime, writeModel } from '@percept/onnx';
import { emitForwardPass } from '../backward.js';
import { StepBuilder } from '../step-builder.js';
import { trainable } from '../trainable.js';

interface RecordedInput {
  readonly type: 'float32' | 'int64' | 'int8' | 'uint8' | 'bool';
  readonly dims: number[];
  readonly data: number[];
  /** Absent for what has no gradient. */
  readonly gradient?: number[];
}

export interface Case {
  readonly operator: string;
  readonly name: string;
  readonly opset: number;
  readonly attributes: Record<string, AttributeInput>;
  readonly inputs: (RecordedInput | null)[];
  readonly outputs: { readonly dims: number[]; readonly gradient: number[] }[];
}

export const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/train/gradients.json', import.meta.url), 'utf8'),
) as { tool: string; cases: Case[] };

/** Names of the inputs that have a gradient. */
export const differentiable = ({ inputs }: Case): string[] =>
  inputs.flatMap((input, at) => (input?.gradient ? [`w${at}`] : []));

export const tensorOf = ({ type, dims, data }: RecordedInput): Tensor =>
  type === 'int64' ? tensor('int64', dims, data.map(BigInt)) : tensor(type, dims, data);

/** The operator over constants; `joined` puts its outputs behind each other, since a trained model has one. */
export function modelOf(entry: Case, joined: boolean): Model {
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
export function gradientGraph(entry: Case): Model {
  const source = trainable(modelOf(entry, true));
  const wrt = differentiable(entry);
  const g = new StepBuilder('gradients');
  g.input(source.input, 'float32', [1]);
  for (const [name, { type, dims }] of source.constants) {
    if (wrt.includes(name)) g.input(name, type, [...dims]);
    else g.initializer(name, source.constants.get(name)!);
  }
  const seeds = [...entry.outputs.flatMap(({ gradient }) => gradient), 0];
  const forward = emitForwardPass(g, source, { wrt, inputDims: [1], dropout: false });
  const seed = g.constant(tensor('float32', [seeds.length], seeds), 'seed');
  const found = forward.backward(new Map([[source.output, seed]]));
  for (const name of wrt) {
    g.output(g.node('Identity', [found.get(name)!], {}, { outputs: [`gradient.${name}`] }), 'float32', undefined);
  }
  return g.build();
}

export function feedsOf(entry: Case): Record<string, Tensor> {
  const named = entry.inputs.map((input, at) => [`w${at}`, input] as const);
  const wrt = named.flatMap(([name, input]) => (input?.gradient ? [[name, tensorOf(input)] as const] : []));
  return { x: tensor('float32', [1]), ...Object.fromEntries(wrt) };
}

/** Largest difference, relative to the largest expected value. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, largest] = [0, 1e-3];
  for (let at = 0; at < expected.length; at++) {
    difference = Math.max(difference, Math.abs(actual[at]! - expected[at]!));
    largest = Math.max(largest, Math.abs(expected[at]!));
    if (!Number.isFinite(actual[at])) return Number.POSITIVE_INFINITY;
  }
  return difference / largest;
}

/** How far a runtime is from PyTorch in a case: the worst of all gradients. */
export async function errorOn(runtime: Runtime, entry: Case): Promise<number> {
  const session = await runtime.createSession(writeModel(gradientGraph(entry)), { threads: 1 });
  const results = await session.run(feedsOf(entry));
  await session.close();
  let worst = 0;
  for (const name of differentiable(entry)) {
    const input = entry.inputs[Number(name.slice(1))]!;
    const found = results[`gradient.${name}`]!;
    const same = found.dims.join() === input.dims.join();
    const error = same ? relativeError(found.data as Float32Array, input.gradient!) : Number.POSITIVE_INFINITY;
    worst = Math.max(worst, error);
  }
  return worst;
}
