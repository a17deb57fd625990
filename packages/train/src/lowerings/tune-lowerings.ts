import {
  elementCount,
  keyedRandom,
  type LongCallOptions,
  PerceptError,
  parseOptions,
  type Tensor,
  tensor,
  throwIfAborted,
} from '@percept/core';
import { type Model, type Runtime, type SessionOptions, writeModel } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import * as z from 'zod';
import { emitForwardPass } from '../backward.js';
import { StepBuilder } from '../step-builder.js';
import { trainable } from '../trainable.js';
import { withMethod } from '../with-method.js';
import { convolutionKey } from './convolution-shape.js';
import {
  emitConvolutionGradient,
  fittingLowerings,
  type LoweredConvolution,
  type LoweringChoices,
} from './lowering-choices.js';

/** Options of {@link tuneLowerings}. */
export interface TuneOptions extends LongCallOptions, Pick<SessionOptions, 'executionProviders' | 'threads'> {
  /** What will train. */
  runtime: Runtime;
  /** Names of the constants that are trained. Default: all parameters of the model. */
  wrt?: readonly string[];
  /** Runs of every candidate, of which the fastest counts, at least 1. Default 5. */
  rounds?: number;
  /** Where choices are kept. Default: nowhere. */
  cache?: TuneCache;
}

/** Where choices are kept, so that a shape is timed once for a provider, number of threads and version of the runtime. */
export interface TuneCache {
  storage: Storage;
  /** Version of the runtime's package, such as `1.30.0`. */
  version: string;
}

const schema = z.strictObject({
  runtime: withMethod<Runtime>('createSession', 'a Runtime'),
  wrt: z.array(z.string()).optional(),
  rounds: z.int().min(1).optional(),
  threads: z.int().min(1).optional(),
  executionProviders: z.custom<SessionOptions['executionProviders']>(Array.isArray, 'execution providers').optional(),
  cache: z.strictObject({ storage: withMethod<Storage>('write', 'a Storage'), version: z.string().min(1) }).optional(),
  signal: z.instanceof(AbortSignal).optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>((value) => typeof value === 'function', 'a function').optional(),
});

/** Another lowering must be so much faster than the default one, or noise alone would choose. */
const margin = 0.95;

/**
 * Times the ways to compute the gradients of a model's convolutions for one input size `[N, C, H, W]`, and gives the fastest
 * of each shape. Takes seconds for a small network, a minute for a large one; trainings that run beside it disturb it.
 *
 * The choice decides the last bits of what is trained: keep it with the training, as `Trainer` does in checkpoints.
 *
 * @throws PerceptError `INVALID_ARGUMENT`; `TRAIN_UNSUPPORTED` and `TRAIN_MODEL_INVALID` as training does; `ABORTED`; what
 *   the runtime and the cache reject with
 */
export async function tuneLowerings(
  model: Model,
  inputDims: readonly number[],
  options: TuneOptions,
): Promise<LoweringChoices> {
  parseOptions(schema, options, 'tuneLowerings() options');
  const { cache, signal, onProgress } = options;
  const cached = cache === undefined ? {} : await readCache(cache.storage, cacheKey(options), signal);
  const choices: Record<string, string> = {};
  const convolutions = convolutionsOf(model, inputDims, options.wrt);
  let done = 0;
  const report = (): void =>
    onProgress?.({ stage: 'tune gradients', done: done++, total: convolutions.length, unit: 'shapes' });
  for (const convolution of convolutions) {
    throwIfAborted(signal);
    report();
    const key = convolutionKey(convolution.part, convolution.shape);
    const names = fittingLowerings(convolution.part, convolution.shape);
    const known = Object.hasOwn(cached, key) ? cached[key]! : '';
    choices[key] = names.includes(known) ? known : await fastest(convolution, names, options);
  }
  report();
  if (cache !== undefined) await writeCache(cache.storage, cacheKey(options), choices, signal);
  return choices;
}

/** The parts of gradients that a training of the model computes, each shape once. */
function convolutionsOf(
  model: Model,
  inputDims: readonly number[],
  wrt: readonly string[] | undefined,
): readonly LoweredConvolution[] {
  const source = trainable(model);
  const g = new StepBuilder('convolutions');
  g.input(source.input, 'float32', [...inputDims]);
  for (const [name, value] of source.constants) g.initializer(name, value);
  const forward = emitForwardPass(g, source, { wrt: wrt ?? source.parameters, inputDims });
  forward.backward(new Map([[source.output, g.fill(forward.type(source.output)?.dims ?? [], 1)]]));
  return [...g.lowered.values()];
}

async function fastest(
  convolution: LoweredConvolution,
  names: readonly string[],
  { runtime, rounds = 5, threads, executionProviders, signal }: TuneOptions,
): Promise<string> {
  if (names.length === 1) return names[0]!;
  const feeds = exampleFeeds(convolution);
  const candidates = [];
  try {
    for (const name of names) {
      const session = await runtime.createSession(candidateModel(convolution, name), {
        graphOptimization: 'extended',
        ...(threads === undefined ? {} : { threads }),
        ...(executionProviders === undefined ? {} : { executionProviders }),
        signal,
      });
      candidates.push({ name, session, best: Number.POSITIVE_INFINITY });
    }
    // In turns, so that what else the machine does falls on all of them; the first round only warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const candidate of candidates) {
        const started = performance.now();
        await candidate.session.run(feeds, { signal });
        if (round > 0) candidate.best = Math.min(candidate.best, performance.now() - started);
      }
    }
  } finally {
    for (const { session } of candidates) await session.close();
  }
  const standard = candidates.find(({ name }) => name === convolution.lowering)!;
  const best = candidates.reduce((a, b) => (b.best < a.best ? b : a));
  return best.best < margin * standard.best ? best.name : standard.name;
}

function exampleDims({ part, shape }: LoweredConvolution): { other: readonly number[]; dY: readonly number[] } {
  const { batch, channels, filters, groups, kernel, inputSize, output } = shape;
  return {
    other: part === 'input' ? [filters, channels / groups, ...kernel] : [batch, channels, ...inputSize],
    dY: [batch, filters, ...output],
  };
}

function exampleFeeds(convolution: LoweredConvolution): Record<string, Tensor> {
  const random = keyedRandom('tune gradients');
  const example = (dims: readonly number[]): Tensor =>
    tensor(
      'float32',
      dims,
      Float32Array.from({ length: elementCount(dims) }, () => random.float() - 0.5),
    );
  const { other, dY } = exampleDims(convolution);
  return { other: example(other), dY: example(dY) };
}

/** The gradient alone. Only one number of it is given back: copying it out is not what is timed. */
function candidateModel({ part, shape, lowering }: LoweredConvolution, name: string): Uint8Array {
  const g = new StepBuilder(`${lowering} or ${name}`, { [convolutionKey(part, shape)]: name });
  const dims = exampleDims({ part, shape, lowering });
  for (const input of ['other', 'dY'] as const) g.input(input, 'float32', [...dims[input]]);
  const gradient = emitConvolutionGradient(g, part, shape, { other: 'other', dY: 'dY' });
  const axes = [0, 1, 2, 3];
  const first = g.slice(gradient, {
    starts: axes.map(() => 0),
    ends: axes.map(() => 1),
    axes,
    steps: axes.map(() => 1),
  });
  g.output(first, 'float32', [1, 1, 1, 1]);
  return writeModel(g.build());
}

function cacheKey({ runtime, threads, executionProviders = ['cpu'], cache }: TuneOptions): string {
  const providers = executionProviders.map((provider) => (typeof provider === 'string' ? provider : provider.name));
  const threadsPart = threads === undefined ? 'all' : String(threads);
  return `lowerings/${runtime.name}-${cache!.version}-${providers.join('-')}-${threadsPart}-threads.json`;
}

const cacheSchema = z.record(z.string(), z.string());

async function readCache(
  storage: Storage,
  key: string,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, string>>> {
  try {
    const bytes = await storage.read(key, { signal });
    const parsed = cacheSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.data : {};
  } catch (error) {
    // What is not there or cannot be read as JSON is timed again.
    if (error instanceof SyntaxError || (error instanceof PerceptError && error.code === 'STORAGE_NOT_FOUND'))
      return {};
    throw error;
  }
}

/** Adds to what is there, so that models share a cache; of two that tune at once the later one's additions may be lost. */
async function writeCache(
  storage: Storage,
  key: string,
  choices: LoweringChoices,
  signal: AbortSignal | undefined,
): Promise<void> {
  const all = { ...(await readCache(storage, key, signal)), ...choices };
  const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  await storage.write(key, new TextEncoder().encode(`${JSON.stringify(sorted, undefined, 2)}\n`), { signal });
}
