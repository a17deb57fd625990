// Losses of distillation beside PyTorch's (test/goldens/optimize/distillation.py): value and gradient on the same tensors.
import { readFileSync } from 'node:fs';
import { type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Model, writeModel } from '@percept/onnx';
import { crossEntropy, differentiate } from '@percept/train';
import { describe, expect, it } from 'vitest';
import { runtime } from '../quantize/test-networks.fixture.js';
import { distilledLoss } from './distilled-loss.js';
import { type FeaturePair, settlePairs, shapesOf } from './feature-pairs.js';
import { resizeMatrix, transposed } from './resize-matrix.js';
import { RunningTeacher } from './running-teacher.js';
import { studentScores, withFeatures } from './student-graph.js';
import type { TargetLayout } from './target-layout.js';
import { settleTeacher, teacherGraph, teacherShapes } from './teacher-model.js';

interface Recorded {
  readonly dims: number[];
  readonly data: number[];
}
interface Case {
  readonly kind: 'knowledge' | 'hint' | 'attention' | 'distance' | 'angle';
  readonly options: { readonly temperature: number; readonly alpha: number; readonly labels: number[] };
  readonly student: Recorded;
  readonly teacher: Recorded;
  readonly value: number;
  readonly gradient: number[];
  readonly weight?: Recorded & { readonly gradient: number[] };
  readonly bias?: Recorded & { readonly gradient: number[] };
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/goldens/optimize/distillation.json', import.meta.url), 'utf8'),
) as { cases: Case[]; resized: { source: Recorded; target: Recorded }[] };

const float = ({ dims, data }: Recorded): Tensor<'float32'> => tensor('float32', dims, data);

/** A model that gives its input as the value `inner`, and two scores that do not matter. */
function passing({ dims }: Recorded, opset: number): Model {
  const g = new GraphBuilder('passing', { opset });
  const x = g.input('x', 'float32', ['N', ...dims.slice(1)]);
  const inner = g.node('Identity', [x], {}, { outputs: ['inner'] });
  const width = dims.slice(1).reduce((product, dim) => product * dim, 1);
  const weight = g.initializer('fc', tensor('float32', [width, 2]));
  const logits = g.node('MatMul', [g.node('Flatten', [inner]), weight], {}, { outputs: ['logits'] });
  g.output(logits, 'float32', ['N', 2]);
  return g.build();
}

function pairOf({ kind, weight }: Case): FeaturePair {
  const names = { student: 'inner', teacher: 'inner' };
  if (kind === 'hint') return settlePairs({ hints: [{ ...names, regressor: weight ? 'always' : 'auto' }] })[0]!;
  if (kind === 'attention') return settlePairs({ attention: [{ ...names, weight: 1 }] })[0]!;
  const factors = { distance: kind === 'distance' ? 1 : 0, angle: kind === 'angle' ? 1 : 0 };
  return settlePairs({ relations: [{ ...names, ...factors }] })[0]!;
}

/** Value and gradients of the loss of inner values alone, with the teacher run as distill() runs it. */
async function lossOf(entry: Case, opset: number): Promise<Record<string, Tensor>> {
  const { student, teacher, weight, bias } = entry;
  const model = passing(student, opset);
  const scores = studentScores(model, student.dims);
  const settled = settleTeacher(passing(teacher, opset), {
    dims: teacher.dims,
    own: true,
    resize: false,
    size: undefined,
    student: undefined,
  });
  const names = { input: 'x', inputDims: student.dims, values: ['inner'], owner: 'the student' };
  const pair = pairOf(entry);
  const pairs = [
    { ...pair, studentDims: shapesOf(model, names)[0]!, teacherDims: teacherShapes(settled, ['inner'])[0]! },
  ];
  const extended = withFeatures(model, scores, pairs, 0);
  if (weight !== undefined) {
    for (const [name, value] of Object.entries({ weight, bias: bias! })) {
      extended.model.graph.initializers.set(`distillation.hint.0.${name}`, float(value));
    }
  }
  const graph = await teacherGraph(settled, teacher.dims, pairs);
  const running = await RunningTeacher.load(graph, { runtime, session: {}, classes: 2, signal: undefined });
  const place = { role: 'training', epoch: 0, position: 0, keys: [] };
  const given = await running.rows(float(teacher), place, undefined);
  await running.close();
  const layout: TargetLayout = { classes: 2, hard: 1, widths: graph.widths };
  const images = student.dims[0]!;
  const width = 2 + graph.widths[0]!;
  const rows = Array.from({ length: images }, (_, row) => {
    const own = [...given.subarray(row * width, (row + 1) * width)];
    return [...own.slice(0, 2), 0, ...own.slice(2)];
  });
  const features = [{ pair, width: extended.widths[0]! }];
  const loss = distilledLoss({ layout, temperature: 1, soft: 0, hard: 0, hardLoss: crossEntropy(), features });
  const wrt = ['x', ...(weight === undefined ? [] : extended.regressors)];
  const step = differentiate(extended.model, { inputDims: student.dims, loss, wrt });
  const session = await runtime.createSession(writeModel(step), { threads: 1 });
  const parameters = Object.fromEntries(
    wrt.slice(1).map((name) => [name, extended.model.graph.initializers.get(name)!]),
  );
  const labels = tensor('float32', [images, width + 1], rows.flat());
  const results = await session.run({ x: float(student), labels, ...parameters });
  await session.close();
  return results;
}

/** Largest difference, relative to the largest expected value. */
function relativeError(actual: Tensor, expected: readonly number[]): number {
  const largest = Math.max(...expected.map(Math.abs), 1e-6);
  const values = actual.data as Float32Array;
  expect(values).toHaveLength(expected.length);
  return Math.max(...expected.map((value, at) => Math.abs(values[at]! - value))) / largest;
}

const named = golden.cases.map((entry, index) => [`${index} ${entry.kind}`, entry] as const);

describe('losses of inner values', () => {
  it.each(named.filter(([, { kind }]) => kind !== 'knowledge'))('%s are PyTorch’s', async (_, entry) => {
    const results = await lossOf(entry, 13);
    expect(relativeError(results.loss!, [entry.value])).toBeLessThan(2e-6);
    expect(relativeError(results['gradient.x']!, entry.gradient)).toBeLessThan(2e-6);
    for (const name of ['weight', 'bias'] as const) {
      if (entry[name] === undefined) continue;
      expect(relativeError(results[`gradient.distillation.hint.0.${name}`]!, entry[name].gradient)).toBeLessThan(2e-6);
    }
  });

  it('are the same with reductions of newer operator sets', async () => {
    const [, entry] = named.find(([, { kind }]) => kind === 'attention')!;
    const results = await lossOf(entry, 20);
    expect(relativeError(results.loss!, [entry.value])).toBeLessThan(2e-6);
    expect(relativeError(results['gradient.x']!, entry.gradient)).toBeLessThan(2e-6);
  });
});

describe('the loss of the scores', () => {
  it.each(named.filter(([, { kind }]) => kind === 'knowledge'))('%s is PyTorch’s', async (_, entry) => {
    const { student, teacher, options } = entry;
    const { temperature, alpha, labels } = options;
    const [images, classes] = student.dims as [number, number];
    const g = new GraphBuilder('scores');
    const x = g.input('x', 'float32', ['N', classes]);
    const weight = g.initializer('bias', tensor('float32', [1, classes]));
    g.output(g.node('Add', [x, weight], {}, { outputs: ['logits'] }), 'float32', ['N', classes]);
    const layout: TargetLayout = { classes, hard: 1, widths: [] };
    const loss = distilledLoss({
      layout,
      temperature,
      soft: alpha,
      hard: 1 - alpha,
      hardLoss: crossEntropy(),
      features: [],
    });
    const step = differentiate(g.build(), { inputDims: student.dims, loss, wrt: ['x'] });
    const session = await runtime.createSession(writeModel(step), { threads: 1 });
    const rows = labels.flatMap((label, row) => [...teacher.data.slice(row * classes, (row + 1) * classes), label]);
    const results = await session.run({ x: float(student), labels: tensor('float32', [images, classes + 1], rows) });
    await session.close();
    expect(relativeError(results.loss!, [entry.value])).toBeLessThan(2e-6);
    expect(relativeError(results['gradient.x']!, entry.gradient)).toBeLessThan(2e-6);
  });
});

it('resizes as PyTorch does with antialiasing', async () => {
  for (const { source, target } of golden.resized) {
    const [height, width] = source.dims.slice(2) as [number, number];
    const [rows, columns] = target.dims.slice(2) as [number, number];
    const g = new GraphBuilder('resize');
    const x = g.input('x', 'float32', source.dims);
    const tall = g.node('MatMul', [g.constant(resizeMatrix(height, rows)), x]);
    const whole = g.node(
      'MatMul',
      [tall, g.constant(transposed(resizeMatrix(width, columns)))],
      {},
      { outputs: ['y'] },
    );
    g.output(whole, 'float32', target.dims);
    const session = await runtime.createSession(writeModel(g.build()), { threads: 1 });
    const { y } = await session.run({ x: float(source) });
    await session.close();
    expect(relativeError(y!, target.data)).toBeLessThan(2e-6);
  }
});
