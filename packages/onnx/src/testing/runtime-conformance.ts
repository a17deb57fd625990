import { type Tensor, type TensorType, tensor } from '@percept/core';
import { describe, expect, it } from 'vitest';
import type { RunOptions, Runtime, Session, SessionOptions } from '../runtime.js';
import {
  convGemmModel,
  externalWeightsModel,
  failingModel,
  identityModel,
  slowModel,
  twoOutputsModel,
  weightyModel,
} from './models.js';

/** What {@link runtimeConformance} needs to know of a runtime. */
export interface RuntimeConformanceOptions {
  /** Makes the runtime under test. */
  create(): Runtime | Promise<Runtime>;
  /** Side of the matrices of the model that takes a while. Default 512; less for a runtime that is no engine. */
  slowSide?: number;
  /** Whether the runtime records what nodes cost. Default `false`. */
  records?: boolean;
  /** Bytes of memory that the process holds, after a collection of garbage; without it, freeing is not tested. */
  memory?(): number | Promise<number>;
}

const samples: { [Type in TensorType]: Tensor<Type>['data'] } = {
  float32: new Float32Array([0, -1.5, Number.POSITIVE_INFINITY]),
  float64: new Float64Array([0, -1e300, 5e-324]),
  float16: new Uint16Array([0, 0xbe00, 0x7c00]),
  int8: new Int8Array([0, -128, 127]),
  uint8: new Uint8Array([0, 128, 255]),
  int16: new Int16Array([0, -32768, 32767]),
  uint16: new Uint16Array([0, 32768, 65535]),
  int32: new Int32Array([0, -(2 ** 31), 2 ** 31 - 1]),
  uint32: new Uint32Array([0, 2 ** 31, 2 ** 32 - 1]),
  int64: new BigInt64Array([0n, -(2n ** 63n), 2n ** 63n - 1n]),
  uint64: new BigUint64Array([0n, 2n ** 63n, 2n ** 64n - 1n]),
  bool: new Uint8Array([0, 1, 1]),
  string: ['', 'grün', 'a'],
};

const ones = (batch: number): Tensor<'float32'> =>
  tensor('float32', [batch, 1, 3, 3], new Float32Array(batch * 9).fill(1));

/** The Vitest suite that every {@link Runtime} passes. Call it at the top level of a test file. */
export function runtimeConformance(
  name: string,
  { create, slowSide = 512, records = false, memory }: RuntimeConformanceOptions,
): void {
  const withSession = async (
    model: Uint8Array,
    use: (session: Session) => Promise<void>,
    options?: SessionOptions,
  ): Promise<void> => {
    const session = await (await create()).createSession(model, options);
    try {
      await use(session);
    } finally {
      await session.close();
    }
  };
  const code = (expected: string) => expect.objectContaining({ name: 'PerceptError', code: expected });

  describe(`${name} conforms to Runtime`, () => {
    it('tells names, types, shapes and its provider', () =>
      withSession(convGemmModel(), async (session) => {
        expect(session.inputs).toEqual([{ name: 'x', type: 'float32', dims: ['N', 1, 3, 3], docString: '' }]);
        expect(session.outputs).toEqual([{ name: 'y', type: 'float32', dims: ['N', 2], docString: '' }]);
        expect(session.provider).toMatch(/^[a-z]+$/);
      }));

    it('computes Conv, Relu and Gemm for any batch size', () =>
      withSession(convGemmModel(), async (session) => {
        for (const batch of [1, 3]) {
          const { y } = await session.run({ x: ones(batch) });
          expect(y!.dims).toEqual([batch, 2]);
          expect([...(y!.data as Float32Array)]).toEqual(Array.from({ length: batch }, () => [20, -20]).flat());
        }
      }));

    it.each(Object.keys(samples) as TensorType[])('takes and gives %s', (type) =>
      withSession(identityModel(type), async (session) => {
        const { y } = await session.run({ x: tensor(type, [3], samples[type]) });
        expect(y).toEqual({ type, dims: [3], data: samples[type] });
        expect(y!.data.constructor).toBe(samples[type].constructor);
      }),
    );

    it('takes views of larger buffers and leaves feeds as they were', () =>
      withSession(identityModel('float32'), async (session) => {
        const whole = new Float32Array([9, 1, 2, 3, 9]);
        const { y } = await session.run({ x: tensor('float32', [3], whole.subarray(1, 4)) });
        expect(y!.data).toEqual(new Float32Array([1, 2, 3]));
        expect(whole).toEqual(new Float32Array([9, 1, 2, 3, 9]));
      }));

    it('takes memory that threads share', () =>
      withSession(identityModel('float32'), async (session) => {
        const shared = new Float32Array(new SharedArrayBuffer(12));
        shared.set([1, 2, 3]);
        const { y } = await session.run({ x: tensor('float32', [3], shared) });
        expect(y!.data).toEqual(new Float32Array([1, 2, 3]));
      }));

    it('computes the same from feeds that are handed over, one buffer fed twice included', () =>
      withSession(twoOutputsModel(), async (session) => {
        const both = tensor('float32', [2], [1, 2]);
        const results = await session.run({ a: both, b: both }, { transfer: true });
        expect(results.sum!.data).toEqual(new Float32Array([2, 4]));
        expect(results.difference!.data).toEqual(new Float32Array([0, 0]));
      }));

    it('computes only the outputs asked for, and gives results that stay', () =>
      withSession(twoOutputsModel(), async (session) => {
        const [a, b] = [tensor('float32', [2], [1, 2]), tensor('float32', [2], [3, 5])];
        const first = await session.run({ a, b }, { outputs: ['difference'] });
        expect(Object.keys(first)).toEqual(['difference']);
        await session.run({ a: b, b: a }, { outputs: ['difference'] });
        expect(first.difference!.data).toEqual(new Float32Array([-2, -3]));
      }));

    it('answers concurrent runs each with its own result', () =>
      withSession(identityModel('int32'), async (session) => {
        const runs = Array.from({ length: 20 }, (_, index) => session.run({ x: tensor('int32', [1], [index]) }));
        const values = (await Promise.all(runs)).map(({ y }) => Number(y!.data[0]));
        expect(values).toEqual([...values.keys()]);
      }));

    it.each([
      ['an unknown input', { x: ones(1), z: ones(1) }],
      ['a missing input', {}],
      ['no feeds', undefined],
      ['what is no tensor', { x: null }],
      ['a shape that is no list', { x: { type: 'float32', dims: '9', data: new Float32Array(9) } }],
      ['another type', { x: tensor('float64', [1, 1, 3, 3]) }],
      ['another rank', { x: tensor('float32', [1, 3, 3]) }],
      ['another size of a fixed dimension', { x: tensor('float32', [1, 1, 4, 3]) }],
    ])('refuses %s and goes on', (_, feeds) =>
      withSession(convGemmModel(), async (session) => {
        await expect(session.run(feeds as unknown as Record<string, Tensor>)).rejects.toEqual(
          code('ONNX_FEED_INVALID'),
        );
        expect((await session.run({ x: ones(1) })).y!.dims).toEqual([1, 2]);
      }),
    );

    it('refuses data that does not fit its shape, and unknown outputs', () =>
      withSession(convGemmModel(), async (session) => {
        const wrong = { type: 'float32', dims: [1, 1, 3, 3], data: new Float32Array(8) } as const;
        await expect(session.run({ x: wrong })).rejects.toEqual(code('TENSOR_INVALID'));
        await expect(session.run({ x: ones(1) }, { outputs: ['z'] })).rejects.toEqual(code('INVALID_ARGUMENT'));
        for (const options of [{ outputs: [] }, { outputs: 'y' }, { output: ['y'] }, { signal: 'stop' }, null]) {
          const run = session.run({ x: ones(1) }, options as unknown as RunOptions);
          await expect(run).rejects.toEqual(code('INVALID_ARGUMENT'));
        }
      }));

    it("passes on the runtime's message when a run fails, and goes on", () =>
      withSession(failingModel(), async (session) => {
        const failed = session.run({ x: tensor('int64', [2]) });
        await expect(failed).rejects.toEqual(code('ONNX_RUN_FAILED'));
        await expect(failed).rejects.toThrow(/Reshape/);
        expect((await session.run({ x: tensor('int64', [7]) })).y!.dims).toEqual([7]);
      }));

    it("refuses what is no model, with the runtime's message", async () => {
      const runtime = await create();
      await expect(runtime.createSession(new Uint8Array([1, 2, 3]))).rejects.toEqual(code('ONNX_SESSION_FAILED'));
      await expect(runtime.createSession(new Uint8Array())).rejects.toEqual(code('ONNX_SESSION_FAILED'));
      const path = 'model.onnx' as unknown as Uint8Array;
      await expect(runtime.createSession(path)).rejects.toEqual(code('INVALID_ARGUMENT'));
    });

    it('refuses unknown providers and options out of range', async () => {
      const runtime = await create();
      const model = convGemmModel();
      await expect(runtime.createSession(model, { executionProviders: ['abacus'] })).rejects.toEqual(
        code('ONNX_PROVIDER_UNAVAILABLE'),
      );
      for (const options of [
        { threads: 0 },
        { threads: 1.5 },
        { threads: 1e5 },
        { signal: {} },
        { executionProviders: [] },
        { speed: 'high' },
      ]) {
        await expect(runtime.createSession(model, options as SessionOptions)).rejects.toEqual(code('INVALID_ARGUMENT'));
      }
    });

    it.each([
      { threads: 1 },
      { graphOptimization: 'disabled' },
      { graphOptimization: 'basic' },
      { memoryPattern: false },
      { configEntries: { 'session.intra_op.allow_spinning': '1' } },
    ] satisfies SessionOptions[])('computes the same with %o', (options) =>
      withSession(
        convGemmModel(),
        async (session) => {
          expect((await session.run({ x: ones(1) })).y!.data).toEqual(new Float32Array([20, -20]));
        },
        options,
      ),
    );

    it('leaves the model bytes to the caller', async () => {
      const model = convGemmModel();
      const whole = new Uint8Array(model.length + 3);
      whole.set(model, 3);
      await withSession(whole.subarray(3), async (session) => {
        whole.fill(0);
        expect((await session.run({ x: ones(1) })).y!.data).toEqual(new Float32Array([20, -20]));
      });
      expect(whole.byteLength).toBe(model.length + 3);
    });

    it('rejects when it is aborted before or while it loads a model, and loads the next one', async () => {
      const runtime = await create();
      const model = weightyModel(4096);
      const aborted = runtime.createSession(model, { signal: AbortSignal.abort() });
      await expect(aborted).rejects.toEqual(code('ABORTED'));
      const controller = new AbortController();
      const loading = runtime.createSession(model, { signal: controller.signal });
      controller.abort();
      await expect(loading).rejects.toEqual(code('ABORTED'));
      await withSession(model, (session) => session.warmUp(), { signal: new AbortController().signal });
    });

    it('rejects a run that is aborted before or while it waits, and goes on', () =>
      withSession(slowModel(slowSide), async (session) => {
        const x = tensor('float32', [slowSide, slowSide]);
        await expect(session.run({ x }, { signal: AbortSignal.abort() })).rejects.toEqual(code('ABORTED'));
        const controller = new AbortController();
        const first = session.run({ x });
        const second = session.run({ x }, { signal: controller.signal });
        controller.abort();
        await expect(second).rejects.toEqual(code('ABORTED'));
        expect((await first).y!.dims).toEqual([slowSide, slowSide]);
      }));

    it('finishes what was started when it closes, then takes no more; closing twice is closing once', async () => {
      const session = await (await create()).createSession(slowModel(slowSide));
      const run = session.run({ x: tensor('float32', [slowSide, slowSide]) });
      const closed = Promise.all([session.close(), session.close(), session[Symbol.asyncDispose]()]);
      await expect(session.run({ x: tensor('float32', [slowSide, slowSide]) })).rejects.toEqual(
        code('ONNX_SESSION_CLOSED'),
      );
      expect((await run).y!.dims).toEqual([slowSide, slowSide]);
      await closed;
    });

    it('says which providers refused the model before the one that took it', async () => {
      let own = '';
      await withSession(convGemmModel(), async (session) => {
        own = session.provider;
        expect(session.refused).toEqual([]);
      });
      await withSession(
        convGemmModel(),
        async (session) => {
          expect([session.provider, session.cpuFallback]).toEqual([own, false]);
          expect(session.refused).toEqual([{ provider: 'abacus', reason: expect.stringMatching(/^not /) }]);
          expect((await session.run({ x: ones(1) })).y!.data).toEqual(new Float32Array([20, -20]));
        },
        { executionProviders: ['abacus', own], cpuFallback: false },
      );
    });

    it('refuses options of a provider that it would drop, and says which it reads', async () => {
      const runtime = await create();
      for (const [name, option] of [
        ['tensorrt', 'trt_fp16_enable'],
        ['cuda', 'gpu_mem_limit'],
        ['webgpu', 'device'],
        ['wasm', 'deviceId'],
      ]) {
        const providers = [{ name, [option!]: 1 }] as unknown as SessionOptions['executionProviders'];
        const created = runtime.createSession(convGemmModel(), { executionProviders: providers! });
        await expect(created).rejects.toEqual(code('ONNX_PROVIDER_OPTION_UNSUPPORTED'));
        await expect(created).rejects.toThrow(new RegExp(`Expected no .*for provider ${name} but received ${option}`));
      }
      const outOfRange = { name: 'cuda', deviceId: -1 } as const;
      await expect(runtime.createSession(convGemmModel(), { executionProviders: [outOfRange] })).rejects.toEqual(
        code('INVALID_ARGUMENT'),
      );
    });

    it('warms up with zeros in the sizes asked for, and with empty texts', async () => {
      await withSession(convGemmModel(), async (session) => {
        await session.warmUp();
        await session.warmUp({ runs: 2, dims: { N: 3 } });
        expect((await session.run({ x: ones(1) })).y!.data).toEqual(new Float32Array([20, -20]));
        await expect(session.warmUp({ dims: { M: 3 } })).rejects.toEqual(code('INVALID_ARGUMENT'));
        await expect(session.warmUp({ dims: { N: 2 ** 53 - 1 } })).rejects.toEqual(code('INVALID_ARGUMENT'));
        await expect(session.warmUp({ runs: 0 })).rejects.toEqual(code('INVALID_ARGUMENT'));
        await expect(session.warmUp({ signal: AbortSignal.abort() })).rejects.toEqual(code('ABORTED'));
      });
      await withSession(identityModel('string'), (session) => session.warmUp({ dims: { N: 2 } }));
    });

    it('reads weights from files that it is given', async () => {
      const { model, path, data } = externalWeightsModel(4);
      const whole = new Uint8Array(data.length + 8);
      whole.set(data, 4);
      const given = whole.subarray(4, 4 + data.length);
      await withSession(
        model,
        async (session) => {
          whole.fill(0);
          const { y } = await session.run({ x: tensor('float32', [1, 256], new Float32Array(256).fill(1)) });
          expect(y!.data).toEqual(new Float32Array([0, 256, 512, 768]));
        },
        { externalData: [{ path, data: given }] },
      );
      expect(given.byteLength).toBe(data.length);
      await expect((await create()).createSession(model)).rejects.toEqual(code('ONNX_SESSION_FAILED'));
    });

    it('tells what its nodes cost, once, if it records', async () => {
      await withSession(convGemmModel(), (session) =>
        expect(session.profile()).rejects.toEqual(code('ONNX_PROFILE_UNAVAILABLE')),
      );
      if (!records) {
        const created = (await create()).createSession(convGemmModel(), { profiling: true });
        await expect(created).rejects.toEqual(code('ONNX_PROFILE_UNAVAILABLE'));
        return;
      }
      await withSession(
        convGemmModel(),
        async (session) => {
          await session.warmUp({ runs: 3 });
          const [, profile] = await Promise.all([session.run({ x: ones(1) }), session.profile()]);
          expect(profile.runs).toBe(4);
          const gemm = profile.operators.find(({ operator }) => operator.endsWith('Gemm'));
          expect(gemm).toMatchObject({ nodes: 1, calls: 4 });
          for (const rows of [profile.operators, profile.nodes]) {
            expect(rows.reduce((sum, { totalMs }) => sum + totalMs, 0)).toBeCloseTo(profile.totalMs, 9);
            expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
            expect(rows.map(({ totalMs }) => totalMs)).toEqual(
              rows.map(({ totalMs }) => totalMs).toSorted((a, b) => b - a),
            );
            for (const { totalMs, meanMs, calls } of rows) expect(meanMs * calls).toBeCloseTo(totalMs, 9);
          }
          await expect(session.profile()).rejects.toEqual(code('ONNX_PROFILE_UNAVAILABLE'));
          expect((await session.run({ x: ones(1) })).y!.dims).toEqual([1, 2]);
        },
        { profiling: true },
      );
    });

    it.skipIf(memory === undefined)(
      `gives memory back when it closes${memory === undefined ? ' (skipped: it cannot be measured here)' : ''}`,
      async () => {
        const model = weightyModel(4096);
        const cycle = async (count: number) => {
          for (let round = 0; round < count; round++) await withSession(model, (session) => session.warmUp());
        };
        await cycle(5);
        const before = await memory!();
        await cycle(20);
        // 80 MB if the weights stayed.
        expect((await memory!()) - before).toBeLessThan(40e6);
      },
    );

    it('holds several sessions at once', async () => {
      const runtime = await create();
      const sessions = await Promise.all(
        ['int8', 'bool'].map((type) => runtime.createSession(identityModel(type as TensorType))),
      );
      await sessions[0]!.close();
      const { y } = await sessions[1]!.run({ x: tensor('bool', [1], [1]) });
      expect(y!.data).toEqual(new Uint8Array([1]));
      await sessions[1]!.close();
    });
  });
}
