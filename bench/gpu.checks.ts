import { type Tensor, tensor } from '@percept/core';
import { GraphBuilder, type Runtime, type Session, writeModel } from '@percept/onnx';

/** What a session on a provider must do, by name; each throws what is wrong. */
export const checks: Readonly<Record<string, (runtime: Runtime, provider: string) => Promise<void>>> = {
  'says who computes': (runtime, provider) =>
    withSession(runtime, provider, sums(), async (session) => {
      expectEqual(session.provider, provider);
    }),
  'computes every node itself': (runtime, provider) =>
    withSession(
      runtime,
      provider,
      sums(),
      async (session) => {
        expectEqual(session.cpuFallback, false);
        expectEqual(await sumOf(session, [1, 2, 3]), 12);
      },
      false,
    ),
  'takes any batch size': (runtime, provider) =>
    withSession(runtime, provider, sums(), async (session) => {
      for (const length of [1, 7, 4096]) expectEqual(await sumOf(session, Array(length).fill(1)), 2 * length);
    }),
  'answers concurrent runs': (runtime, provider) =>
    withSession(runtime, provider, sums(), async (session) => {
      const answers = await Promise.all([1, 2, 3, 4, 5].map((value) => sumOf(session, [value])));
      expectEqual(answers.join(), '2,4,6,8,10');
    }),
  'drops an aborted run and goes on': (runtime, provider) =>
    withSession(runtime, provider, sums(), async (session) => {
      const controller = new AbortController();
      const x = tensor('float32', [1]);
      const first = session.run({ x });
      const second = session.run({ x }, { signal: controller.signal });
      controller.abort();
      const code = await second.then(
        () => 'none',
        (error: { code: string }) => error.code,
      );
      expectEqual(code, 'ABORTED');
      await first;
      expectEqual(await sumOf(session, [3]), 6);
    }),
  'opens and closes twenty times': async (runtime, provider) => {
    for (let round = 0; round < 20; round++) {
      await withSession(runtime, provider, sums(), async (session) =>
        expectEqual(await sumOf(session, [round]), 2 * round),
      );
    }
  },
};

/** `x` float32 [N] → twice its sum. */
function sums(): Uint8Array {
  const graph = new GraphBuilder('sums');
  const x = graph.input('x', 'float32', ['N']);
  const doubled = graph.node('Add', [x, x]);
  graph.output(graph.node('ReduceSum', [doubled], { keepdims: 0 }, { outputs: ['y'] }), 'float32', []);
  return writeModel(graph.build());
}

async function sumOf(session: Session, values: readonly number[]): Promise<number> {
  const { y } = await session.run({ x: tensor('float32', [values.length], Float32Array.from(values)) });
  return (y as Tensor<'float32'>).data[0]!;
}

async function withSession(
  runtime: Runtime,
  provider: string,
  model: Uint8Array,
  use: (session: Session) => Promise<void>,
  cpuFallback = true,
): Promise<void> {
  const session = await runtime.createSession(model, { executionProviders: [provider], cpuFallback });
  try {
    await use(session);
  } finally {
    await session.close();
  }
}

function expectEqual(received: unknown, expected: unknown): void {
  if (received !== expected) throw new Error(`Expected ${expected} but received ${received}`);
}
