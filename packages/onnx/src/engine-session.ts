import {
  describeValue,
  PerceptError,
  parseOptions,
  type Tensor,
  type TensorType,
  tensor,
  throwIfAborted,
} from '@percept/core';
import * as z from 'zod/mini';
import { rawElementBits } from './element-types.js';
import type { Engine } from './engine.js';
import { toPerceptError } from './engine-errors.js';
import type { RefusedProvider } from './execution-provider.js';
import type { ValueInfo } from './model.js';
import type { ModelProfile } from './model-profile.js';
import type { RunOptions, Session, WarmUpOptions } from './runtime.js';

const runSchema = z.strictObject({
  outputs: z.optional(z.array(z.string()).check(z.minLength(1))),
  transfer: z._default(z.boolean(), false),
  signal: z.optional(z.instanceof(AbortSignal)),
});

const warmUpSchema = z.strictObject({
  runs: z._default(z.int().check(z.gte(1)), 1),
  dims: z._default(z.record(z.string(), z.int().check(z.gte(0))), {}),
});

/** A session over any engine: checks feeds and options, turns failures into coded errors, closes once. */
export class EngineSession implements Session {
  readonly #engine: Engine;
  #closing: Promise<void> | undefined;
  #profiled = false;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get inputs(): readonly ValueInfo[] {
    return this.#engine.inputs;
  }

  get outputs(): readonly ValueInfo[] {
    return this.#engine.outputs;
  }

  get provider(): string {
    return this.#engine.provider;
  }

  get refused(): readonly RefusedProvider[] {
    return this.#engine.refused;
  }

  get cpuFallback(): boolean | undefined {
    return this.#engine.cpuFallback;
  }

  async run(feeds: Readonly<Record<string, Tensor>>, options: RunOptions = {}): Promise<Record<string, Tensor>> {
    this.#checkOpen();
    const { outputs = names(this.outputs), transfer, signal } = parseOptions(runSchema, options, 'run() options');
    throwIfAborted(signal);
    checkFeeds(this.inputs, feeds);
    checkOutputs(this.outputs, outputs);
    try {
      const results = await this.#engine.run(feeds, { outputs, transfer, signal });
      throwIfAborted(signal);
      return results;
    } catch (error) {
      throw toPerceptError(error);
    }
  }

  async warmUp(options: WarmUpOptions = {}): Promise<void> {
    const { signal, ...rest } = options;
    const { runs, dims } = parseOptions(warmUpSchema, rest, 'warmUp() options');
    this.#checkOpen();
    const symbols = new Set(this.inputs.flatMap((info) => info.dims ?? []).filter((dim) => typeof dim === 'string'));
    for (const name of Object.keys(dims)) {
      if (symbols.has(name)) continue;
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected dims among ${[...symbols].join(', ') || 'none, since all are fixed'} for warmUp() but received ${describeValue(name)}`,
      );
    }
    const feeds = Object.fromEntries(this.inputs.map((info) => [info.name, zeros(info, dims)]));
    for (let run = 0; run < runs; run++) await this.run(feeds, { signal });
  }

  async profile(): Promise<ModelProfile> {
    this.#checkOpen();
    if (this.#engine.profile === undefined || this.#profiled) {
      throw new PerceptError(
        'ONNX_PROFILE_UNAVAILABLE',
        this.#profiled
          ? 'Expected one call of profile() for a session but received another. Create another session'
          : 'Expected a session of onnxruntimeNode() or interpreter() that was created with profiling: true. No other one records what its nodes cost',
      );
    }
    this.#profiled = true;
    try {
      return await this.#engine.profile();
    } catch (error) {
      throw toPerceptError(error);
    }
  }

  #checkOpen(): void {
    if (this.#closing === undefined) return;
    throw new PerceptError('ONNX_SESSION_CLOSED', 'Expected an open session but it was closed. Create another one');
  }

  close(): Promise<void> {
    this.#closing ??= this.#engine.close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A tensor of zeros (or empty texts) that fits an input. */
function zeros({ name, type, dims }: ValueInfo, sizes: Readonly<Record<string, number>>): Tensor {
  if (type === undefined || type in rawElementBits || dims === undefined) {
    throw new PerceptError(
      'ONNX_FEED_INVALID',
      `Expected inputs of known rank and of types that JavaScript has for warmUp() but ${name} is ${type ?? 'no tensor'}${dims ? '' : ' of any rank'}. Call run() with feeds of your own`,
    );
  }
  const shape = dims.map((dim) => (typeof dim === 'number' ? dim : (sizes[dim ?? ''] ?? 1)));
  try {
    return tensor(type as TensorType, shape);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected sizes that fit in memory for warmUp() but ${name} would be ${type} [${shape.join(', ')}]`,
      { cause },
    );
  }
}

function names(infos: readonly ValueInfo[]): string[] {
  return infos.map(({ name }) => name);
}

function checkFeeds(inputs: readonly ValueInfo[], feeds: Readonly<Record<string, Tensor>>): void {
  const known = names(inputs);
  for (const name of Object.keys(feeds ?? {})) {
    if (!known.includes(name)) {
      throw new PerceptError(
        'ONNX_FEED_INVALID',
        `Expected feeds for the model's inputs (${known.join(', ')}) but received one named ${describeValue(name)}`,
      );
    }
  }
  for (const info of inputs) {
    const feed = feeds?.[info.name];
    if (feed === undefined) {
      throw new PerceptError('ONNX_FEED_INVALID', `Expected a feed for input ${info.name} but received none`);
    }
    checkFeed(info, feed);
  }
}

function checkFeed({ name, type, dims }: ValueInfo, feed: Tensor): void {
  if (typeof feed !== 'object' || feed === null || !Array.isArray(feed.dims)) {
    throw new PerceptError(
      'ONNX_FEED_INVALID',
      `Expected a tensor, { type, dims, data }, for input ${name} but received ${describeValue(feed)}`,
    );
  }
  const fits =
    feed.type === type &&
    (dims === undefined ||
      (feed.dims.length === dims.length &&
        dims.every((dim, axis) => typeof dim !== 'number' || dim === feed.dims[axis])));
  if (!fits) {
    const shape = dims?.map((dim) => dim ?? '?').join(', ') ?? 'any shape';
    throw new PerceptError(
      'ONNX_FEED_INVALID',
      `Expected ${type ?? 'no tensor'} [${shape}] for input ${name} but received ${feed.type} [${feed.dims.join(', ')}]`,
      { details: { input: name, expected: { type, dims }, received: { type: feed.type, dims: feed.dims } } },
    );
  }
  tensor(feed.type, feed.dims, feed.data);
}

function checkOutputs(outputs: readonly ValueInfo[], asked: readonly string[]): void {
  const known = names(outputs);
  for (const name of asked) {
    if (!known.includes(name)) {
      throw new PerceptError(
        'INVALID_ARGUMENT',
        `Expected outputs among ${known.join(', ')} but received ${describeValue(name)}`,
      );
    }
  }
}
