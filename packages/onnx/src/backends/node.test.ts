import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { tensor } from '@percept/core';
import { describe, expect, it, vi } from 'vitest';
import { convGemmModel, identityModel, slowModel, weightyModel } from '../testing/models.js';
import { residentMemory } from '../testing/resident-memory.js';
import { runtimeConformance } from '../testing/runtime-conformance.js';
import { onnxruntimeNode } from './node.js';

runtimeConformance('onnxruntime-node in a worker', {
  create: () => onnxruntimeNode(),
  records: true,
  memory: residentMemory,
});
runtimeConformance('onnxruntime-node in this thread', {
  create: () => onnxruntimeNode({ worker: false }),
  records: true,
  memory: residentMemory,
});

const packageFolder = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a program in a process of its own, with the built package. */
function runProgram(source: string) {
  return spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    cwd: packageFolder,
    encoding: 'utf8',
    timeout: 20_000,
  });
}

describe('onnxruntimeNode', () => {
  it('keeps its memory over a hundred models of 4 MB', async () => {
    const model = weightyModel(4096);
    const cycle = async (count: number) => {
      for (let round = 0; round < count; round++) {
        const session = await onnxruntimeNode({ worker: false }).createSession(model);
        await session.warmUp();
        await session.close();
      }
    };
    await cycle(10);
    const before = await residentMemory();
    await cycle(100);
    expect((await residentMemory()) - before).toBeLessThan(40e6);
  });

  it('runs on the CPU unless told otherwise', async () => {
    const session = await onnxruntimeNode().createSession(convGemmModel());
    expect(session.provider).toBe('cpu');
    await session.close();
  });

  it('takes the first provider that is present', async () => {
    const session = await onnxruntimeNode().createSession(convGemmModel(), { executionProviders: ['abacus', 'cpu'] });
    expect(session.provider).toBe('cpu');
    await session.close();
  });

  it('leaves the event loop free while a worker computes', async () => {
    const session = await onnxruntimeNode().createSession(slowModel());
    let ticks = 0;
    const timer = setInterval(() => ticks++, 2);
    await session.run({ x: tensor('float32', [512, 512]) });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(1);
    await session.close();
  });

  it('detaches feeds that are handed to the worker, and copies parts of a buffer', async () => {
    const session = await onnxruntimeNode().createSession(identityModel('float32'));
    const owned = new Float32Array([1, 2, 3]);
    expect((await session.run({ x: tensor('float32', [3], owned) }, { transfer: true })).y!.data).toHaveLength(3);
    expect(owned).toHaveLength(0);
    const part = new Float32Array(4).subarray(1);
    await session.run({ x: tensor('float32', [3], part) }, { transfer: true });
    expect(part).toHaveLength(3);
    await session.close();
  });

  it('copies feeds that cannot be handed over', async () => {
    const session = await onnxruntimeNode().createSession(identityModel('float32'));
    vi.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce(() => {
      throw new DOMException('An ArrayBuffer is marked as untransferable', 'DataCloneError');
    });
    const { y } = await session.run({ x: tensor('float32', [1], [7]) }, { transfer: true });
    expect(y!.data[0]).toBe(7);
    await session.close();
  });

  it('keeps no copy of the model beside that of onnxruntime', async () => {
    const model = weightyModel(16_384);
    await residentMemory();
    const before = process.memoryUsage().arrayBuffers;
    const session = await onnxruntimeNode().createSession(model);
    await session.warmUp();
    await residentMemory();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(model.length / 2);
    await session.close();
  });

  it('explains options that cannot be sent to the worker', async () => {
    const provider = { name: 'abacus', beads: () => 10 } as unknown as 'abacus';
    const created = onnxruntimeNode().createSession(convGemmModel(), { executionProviders: [provider, 'cpu'] });
    await expect(created).rejects.toEqual(expect.objectContaining({ code: 'ONNX_SESSION_FAILED' }));
  });

  it('takes a Buffer from the pool', async () => {
    for (const worker of [true, false]) {
      const session = await onnxruntimeNode({ worker }).createSession(identityModel('uint8'));
      const pooled = Buffer.from('abc');
      for (const transfer of [true, false]) {
        const { y } = await session.run({ x: tensor('uint8', [3], pooled) }, { transfer });
        expect(y!.data).toEqual(new Uint8Array([97, 98, 99]));
      }
      expect(pooled.toString()).toBe('abc');
      await session.close();
    }
  });

  it('rejects an aborted run at once, though the worker is busy', async () => {
    const session = await onnxruntimeNode().createSession(slowModel());
    const controller = new AbortController();
    const order: string[] = [];
    const x = tensor('float32', [512, 512]);
    const other = session.run({ x }).then(() => order.push('other'));
    const aborted = session.run({ x }, { signal: controller.signal }).catch(({ code }) => order.push(code));
    setImmediate(() => controller.abort());
    await Promise.all([other, aborted]);
    expect(order).toEqual(['ABORTED', 'other']);
    await session.close();
  });

  it('rejects pending and later runs when the worker dies, and still closes', async () => {
    const started = vi.spyOn(Worker.prototype, 'ref');
    const session = await onnxruntimeNode().createSession(identityModel('float32'));
    const x = tensor('float32', [1]);
    await session.run({ x });
    // A message that the worker does not understand makes it throw.
    (started.mock.contexts[0] as Worker).postMessage(null);
    const pending = session.run({ x });
    await expect(pending).rejects.toEqual(expect.objectContaining({ code: 'ONNX_WORKER_CRASHED' }));
    await expect(session.run({ x })).rejects.toEqual(expect.objectContaining({ code: 'ONNX_WORKER_CRASHED' }));
    await session.close();
  });

  it('lets a process end that has left a session open, and waits for a run that is under way', () => {
    const { status, stdout, stderr } = runProgram(`
      import { GraphBuilder, writeModel } from '@percept/onnx';
      import { onnxruntimeNode } from '@percept/onnx/backends/node';
      const graph = new GraphBuilder('identity');
      graph.input('x', 'float32', [1]);
      graph.output(graph.node('Identity', ['x'], {}, { outputs: ['y'] }), 'float32', [1]);
      const session = await onnxruntimeNode().createSession(writeModel(graph.build()));
      session.run({ x: { type: 'float32', dims: [1], data: new Float32Array([7]) } }).then(({ y }) => console.log(y.data[0]));
    `);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '7\n', stderr: '' });
  });

  it('lets a process end by its own exit code while a worker computes', () => {
    const { status, stdout, stderr } = runProgram(`
      import { GraphBuilder, writeModel } from '@percept/onnx';
      import { onnxruntimeNode } from '@percept/onnx/backends/node';
      const graph = new GraphBuilder('slow');
      let value = graph.input('x', 'float32', [512, 512]);
      for (let count = 0; count < 40; count++) value = graph.node('MatMul', [value, 'x']);
      graph.output(value, 'float32', [512, 512]);
      const model = writeModel(graph.build());
      const sessions = await Promise.all([onnxruntimeNode().createSession(model), onnxruntimeNode().createSession(model)]);
      for (const session of sessions) {
        const feeds = { x: { type: 'float32', dims: [512, 512], data: new Float32Array(512 * 512) } };
        session.run(feeds);
        session.run(feeds);
      }
      void onnxruntimeNode().createSession(model);
      setTimeout(() => process.exit(3), 20);
    `);
    expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: '', stderr: '' });
  });

  it("guards a user's own worker on request", () => {
    const { status, stderr } = runProgram(`
      import { Worker } from 'node:worker_threads';
      import { GraphBuilder, writeModel } from '@percept/onnx';
      import { guardExit } from '@percept/onnx/backends/node';
      const graph = new GraphBuilder('slow');
      let value = graph.input('x', 'float32', [512, 512]);
      for (let count = 0; count < 40; count++) value = graph.node('MatMul', [value, 'x']);
      graph.output(value, 'float32', [512, 512]);
      const guard = guardExit();
      const source = \`
        const { parentPort, workerData: { model, exitGuard } } = require('node:worker_threads');
        import('@percept/onnx/backends/node').then(async ({ onnxruntimeNode }) => {
          const session = await onnxruntimeNode({ worker: false, exitGuard }).createSession(model);
          parentPort.postMessage('ready');
          const x = { type: 'float32', dims: [512, 512], data: new Float32Array(512 * 512) };
          for (;;) await session.run({ x });
        });
      \`;
      const model = writeModel(graph.build());
      const worker = new Worker(source, { eval: true, execArgv: [], workerData: { model, exitGuard: guard.memory } });
      worker.once('message', () => setTimeout(() => process.exit(3), 20));
    `);
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
  });

  it('refuses to share its thread with onnxruntime-web', () => {
    const { status, stdout, stderr } = runProgram(`
      import { createRequire } from 'node:module';
      createRequire(import.meta.url)('onnxruntime-web');
      import { onnxruntimeNode } from '@percept/onnx/backends/node';
      await onnxruntimeNode({ worker: false }).createSession(new Uint8Array()).catch(({ code }) => console.log(code));
      await onnxruntimeNode().createSession(new Uint8Array()).catch(({ code }) => console.log(code));
    `);
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: 'ONNX_RUNTIME_CONFLICT\nONNX_SESSION_FAILED\n',
      stderr: '',
    });
  });

  it('refuses unknown options', () => {
    expect(() => onnxruntimeNode({ threads: 1 } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
