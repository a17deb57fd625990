import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { epContextModel, readEpContexts } from '../ep-context.js';
import type { ExecutionProvider } from '../execution-provider.js';
import { GraphBuilder } from '../graph-builder.js';
import { readModel } from '../read-model.js';
import { convGemmModel, slowModel } from '../testing/models.js';
import { writeModel } from '../write-model.js';
import { onnxruntimeNode } from './node.js';

const unavailable = expect.objectContaining({ code: 'ONNX_PROVIDER_UNAVAILABLE' });
const here = `${process.platform}/${process.arch}`;
const engine = writeModel(
  epContextModel({
    inputs: [{ name: 'x', type: 'float32', dims: ['N', 3] }],
    outputs: [{ name: 'y', type: 'float32', dims: ['N', 2] }],
    engine: new Uint8Array([1, 2, 3]),
    sdkVersion: '10.9',
    hardware: '89',
  }),
);

describe.runIf(here === 'linux/x64')('providers that this machine lacks (Linux x64)', () => {
  const fetched = (provider: string) =>
    existsSync(
      new URL(
        `../../../../node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_${provider}.so`,
        import.meta.url,
      ),
    );

  for (const provider of ['cuda', 'tensorrt']) {
    const reason = fetched(provider) ? ' (skipped: it is there)' : '';
    it.skipIf(fetched(provider))(`names the library of ${provider} and the line that fetches it${reason}`, async () => {
      for (const worker of [true, false]) {
        const created = onnxruntimeNode({ worker }).createSession(convGemmModel(), { executionProviders: [provider] });
        await expect(created).rejects.toEqual(unavailable);
        await expect(created).rejects.toThrow(
          new RegExp(
            `${provider}: .*/bin/napi-v6/linux/x64/libonnxruntime_providers_${provider}\\.so is missing.* ` +
              'node /.*/onnxruntime-node/script/install\\.js --onnxruntime-node-install=cuda12',
          ),
        );
      }
    });
  }

  it.each([
    ['coreml', /macOS/],
    ['dml', /Windows/],
    ['wasm', /onnxruntimeWeb/],
    ['webnn', /onnxruntimeWeb/],
  ])('says where %s is', async (provider, where) => {
    const created = onnxruntimeNode({ worker: false }).createSession(convGemmModel(), {
      executionProviders: [provider],
    });
    await expect(created).rejects.toEqual(unavailable);
    await expect(created).rejects.toThrow(where);
  });

  it('goes on to the CPU through all of them, each with its reason', async () => {
    const executionProviders: (string | ExecutionProvider)[] = [
      { name: 'coreml', coreMlFlags: 16 },
      'abacus',
      { name: 'cpu', useArena: false },
    ];
    if (!fetched('cuda')) executionProviders.unshift('tensorrt', { name: 'cuda', deviceId: 1 });
    const session = await onnxruntimeNode().createSession(convGemmModel(), { executionProviders });
    expect(session.provider).toBe('cpu');
    expect(session.refused).toHaveLength(executionProviders.length - 1);
    for (const { reason } of session.refused) expect(reason).not.toBe('');
    await session.warmUp();
    await session.close();
  });
});

describe('options of providers', () => {
  it.each([
    ['tensorrt', 'trt_fp16_enable', /no other option than deviceId.*epContextModel/],
    ['tensorrt', 'trtEngineCacheEnable', /no other option than deviceId.*epContextModel/],
    ['cuda', 'cudnnConvAlgoSearch', /no other option than deviceId/],
    ['webgpu', 'enableGraphCapture', /preferredLayout, .*enableRobustness/],
  ])('of %s, %s is refused with what does work', async (name, option, advice) => {
    const provider = { name, [option]: true } as unknown as ExecutionProvider;
    const created = onnxruntimeNode().createSession(convGemmModel(), { executionProviders: [provider, 'cpu'] });
    await expect(created).rejects.toEqual(expect.objectContaining({ code: 'ONNX_PROVIDER_OPTION_UNSUPPORTED' }));
    await expect(created).rejects.toThrow(advice);
  });

  it('leave the result on the CPU as it is', async () => {
    for (const useArena of [true, false]) {
      const session = await onnxruntimeNode().createSession(convGemmModel(), {
        executionProviders: [{ name: 'cpu', useArena }],
      });
      const x = { type: 'float32', dims: [1, 1, 3, 3], data: new Float32Array(9).fill(1) } as const;
      expect((await session.run({ x })).y!.data).toEqual(new Float32Array([20, -20]));
      await session.close();
    }
  });
});

describe('recordings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'percept-test-'));
  beforeAll(() => vi.stubEnv('TMPDIR', folder));
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  afterEach(() => expect(readdirSync(folder)).toEqual([]));

  it.each([true, false])('leave no file behind, profiled or not, with a worker: %s', async (worker) => {
    const runtime = onnxruntimeNode({ worker });
    for (const profiled of [true, false]) {
      const session = await runtime.createSession(slowModel(64), {
        profiling: true,
        executionProviders: ['abacus', 'webgpu', 'cpu'].filter((name) => name !== 'webgpu' || here !== 'linux/x64'),
      });
      await session.warmUp();
      if (profiled) {
        const { operators } = await session.profile();
        expect(operators[0]).toMatchObject({ operator: 'MatMul', provider: 'CPUExecutionProvider', nodes: 20 });
      }
      await session.close();
    }
    await expect(runtime.createSession(new Uint8Array([1]), { profiling: true })).rejects.toThrow();
  });

  it('know nodes with names that need escapes', async () => {
    const name = '/model/"a" \\ b\n\u0001ü';
    const graph = new GraphBuilder('names');
    const x = graph.input('x', 'float32', ['N']);
    graph.output(graph.node('Relu', [x], {}, { outputs: ['y'], name }), 'float32', ['N']);
    const options = { profiling: true, graphOptimization: 'disabled' } as const;
    const session = await onnxruntimeNode().createSession(writeModel(graph.build()), options);
    await session.warmUp();
    const { nodes, runs } = await session.profile();
    expect([runs, nodes]).toMatchObject([1, [{ node: name, operator: 'Relu', provider: 'CPUExecutionProvider' }]]);
    await session.close();
  });

  it('leave no file behind when the process ends before they do', () => {
    const source = `
      import { GraphBuilder, writeModel } from '@percept/onnx';
      import { onnxruntimeNode } from '@percept/onnx/backends/node';
      import { readdirSync } from 'node:fs';
      const graph = new GraphBuilder('identity');
      graph.input('x', 'float32', [1]);
      graph.output(graph.node('Identity', ['x'], {}, { outputs: ['y'] }), 'float32', [1]);
      for (const worker of [true, false]) {
        const session = await onnxruntimeNode({ worker }).createSession(writeModel(graph.build()), { profiling: true });
        await session.warmUp();
      }
      console.log(readdirSync(process.env.TMPDIR).length);
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: '2\n', stderr: '' });
  });
});

describe('telemetry of onnxruntime', () => {
  const source = `
    import { Worker } from 'node:worker_threads';
    import { GraphBuilder, writeModel } from '@percept/onnx';
    import { guardExit, onnxruntimeNode } from '@percept/onnx/backends/node';
    const graph = new GraphBuilder('identity');
    graph.input('x', 'float32', [1]);
    graph.output(graph.node('Identity', ['x'], {}, { outputs: ['y'] }), 'float32', [1]);
    const model = writeModel(graph.build());
    const [, where] = process.argv;
    if (where === 'own worker') {
      const { memory, release } = guardExit();
      const code = \`
        const { workerData: { model, exitGuard } } = require('node:worker_threads');
        import('@percept/onnx/backends/node').then(async ({ onnxruntimeNode }) =>
          (await onnxruntimeNode({ worker: false, exitGuard }).createSession(model)).close());
      \`;
      new Worker(code, { eval: true, execArgv: [], workerData: { model, exitGuard: memory } }).once('exit', release);
    } else {
      await (await onnxruntimeNode({ worker: where === 'worker' }).createSession(model)).close();
    }
  `;

  it.each([
    ['worker', undefined],
    ['main thread', undefined],
    ['own worker', undefined],
    ['main thread', '0'],
  ])('is off unless the environment allows it (%s, %s)', (where, ORT_DISABLE_TELEMETRY) => {
    const folder = mkdtempSync(join(tmpdir(), 'percept-test-'));
    // In continuous integration onnxruntime switches it off by itself.
    const env = { ...process.env, CI: undefined, ORT_DISABLE_TELEMETRY, TMPDIR: folder, HOME: folder };
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', source, '--', where], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      encoding: 'utf8',
      env,
    });
    const files = readdirSync(folder);
    rmSync(folder, { recursive: true });
    expect(stderr).toBe('');
    if (ORT_DISABLE_TELEMETRY === undefined) expect(files).toEqual([]);
    else if (here === 'linux/x64' && process.env.CI === undefined) expect(files).not.toEqual([]);
  });
});

describe('EPContext models', () => {
  it('come back from a file as they were', () => {
    expect(readEpContexts(readModel(engine))).toEqual([
      {
        node: 'engine',
        source: 'TensorrtExecutionProvider',
        engine: new Uint8Array([1, 2, 3]),
        sdkVersion: '10.9',
        hardware: '89',
        partition: '',
      },
    ]);
    const beside = epContextModel({
      inputs: [{ name: 'x', type: 'float16', dims: [1] }],
      outputs: [{ name: 'y', type: 'float16', dims: [1] }],
      engine: 'engines/model.engine',
      source: 'QNNExecutionProvider',
    });
    expect(readEpContexts(readModel(writeModel(beside)))).toMatchObject([
      { source: 'QNNExecutionProvider', engine: 'engines/model.engine', sdkVersion: '', hardware: '' },
    ]);
    expect(readEpContexts(readModel(convGemmModel()))).toEqual([]);
  });

  it('are refused by the CPU, saying for which provider they are', async () => {
    const created = onnxruntimeNode().createSession(engine);
    await expect(created).rejects.toEqual(expect.objectContaining({ code: 'ONNX_SESSION_FAILED' }));
    await expect(created).rejects.toThrow(
      /cpu: .*TensorrtExecutionProvider.*name that one among the execution providers/,
    );
  });

  it('need an engine, and inputs and outputs with type and shape', () => {
    const y = { name: 'y', type: 'float32', dims: [1] } as const;
    const x = { name: 'x', type: 'float32', dims: [1] } as const;
    for (const options of [
      { inputs: [x], outputs: [y], engine: new Uint8Array() },
      { inputs: [x], outputs: [y], engine: '' },
      { inputs: [{ ...x, dims: undefined }], outputs: [y], engine: 'a' },
      { inputs: [x], outputs: [{ ...y, type: undefined }], engine: 'a' },
      { inputs: [x], outputs: [y], engine: 'a', precision: 'fp16' },
      { inputs: [x], outputs: [], engine: 'a' },
    ]) {
      expect(() => epContextModel(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
    }
  });
});
