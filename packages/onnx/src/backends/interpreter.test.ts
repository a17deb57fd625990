import { tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph-builder.js';
import { convGemmModel } from '../testing/models.js';
import { residentMemory } from '../testing/resident-memory.js';
import { runtimeConformance } from '../testing/runtime-conformance.js';
import { writeModel } from '../write-model.js';
import { interpreter, supportedOperators } from './interpreter.js';

runtimeConformance('interpreter', {
  create: () => interpreter(),
  slowSide: 128,
  records: true,
  memory: residentMemory,
});

describe('interpreter', () => {
  it('computes in double on request, and answers in it', async () => {
    const graph = new GraphBuilder('third');
    const x = graph.input('x', 'float32', ['N']);
    const third = graph.node('Div', [x, graph.constant(tensor('float32', [1], [3]))]);
    graph.output(graph.node('Cast', [third], { to: 1 }, { outputs: ['y'] }), 'float32', ['N']);
    const model = writeModel(graph.build());
    for (const [precision, type, third] of [
      ['float32', 'float32', Math.fround(1 / 3)],
      ['float64', 'float64', 1 / 3],
    ] as const) {
      const session = await interpreter({ precision }).createSession(model);
      expect(session.outputs[0]!.type).toBe(type);
      const { y } = await session.run({ x: tensor('float32', [1], [1]) });
      expect([y!.type, y!.data[0]]).toEqual([type, third]);
      await session.close();
    }
  });

  it('names every operator that it lacks when it is given a model', async () => {
    const graph = new GraphBuilder('foreign');
    const x = graph.input('x', 'float32', [1]);
    const inner = graph.node('Abacus', [x], {}, { domain: 'org.example' });
    graph.output(graph.node('ImageDecoder', [inner], {}, { outputs: ['y'] }), 'float32', [1]);
    const created = interpreter().createSession(writeModel(graph.build()));
    await expect(created).rejects.toEqual(expect.objectContaining({ code: 'ONNX_SESSION_FAILED' }));
    await expect(created).rejects.toThrow(/org\.example\.Abacus, ImageDecoder/);
  });

  it('says at which node a run fails', async () => {
    const graph = new GraphBuilder('mismatch');
    const [a, b] = [graph.input('a', 'float32', ['N']), graph.input('b', 'float32', ['M'])];
    graph.output(graph.node('Add', [a, b], {}, { outputs: ['y'], name: 'sum' }), 'float32', ['N']);
    const session = await interpreter().createSession(writeModel(graph.build()));
    const run = session.run({ a: tensor('float32', [2]), b: tensor('float32', [3]) });
    await expect(run).rejects.toEqual(expect.objectContaining({ code: 'ONNX_RUN_FAILED' }));
    await expect(run).rejects.toThrow(/Add "sum": Expected shapes that broadcast but received \[2\] and \[3\]/);
    await session.close();
  });

  it('gives the event loop a turn between nodes', async () => {
    const graph = new GraphBuilder('long');
    let value = graph.input('x', 'float32', [5000]);
    for (let count = 0; count < 100; count++) value = graph.node('Sin', [value]);
    graph.output(value, 'float32', [5000]);
    const session = await interpreter().createSession(writeModel(graph.build()));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await session.run({ x: tensor('float32', [5000]) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    await session.close();
  });

  it('has no other execution provider, and no other options', async () => {
    const created = interpreter().createSession(convGemmModel(), { executionProviders: ['cpu'] });
    await expect(created).rejects.toEqual(expect.objectContaining({ code: 'ONNX_PROVIDER_UNAVAILABLE' }));
    expect(() => interpreter({ precision: 'float16' } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  it('lists its operators', () => {
    const operators = supportedOperators();
    expect(operators).toEqual([...new Set(operators)].sort());
    expect(operators).toEqual(expect.arrayContaining(['Conv', 'QLinearConv', 'Scan', 'ai.onnx.ml.LabelEncoder']));
  });
});
