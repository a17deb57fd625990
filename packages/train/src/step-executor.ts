// What runs step graphs, in whatever thread: it keeps the state (weights, optimizer, running statistics) between the steps,
// feeds it to every graph and takes its new values back.
import { elementCount, keyedRandom, type Tensor, tensor } from '@percept/core';
import type { Runtime, Session, SessionOptions } from '@percept/onnx';
import { randomPrefix } from './step-builder.js';
import { nextPrefix } from './training-step.js';

/** Keys of the random numbers of one step: seed, epoch and step. */
export type DrawKey = readonly [seed: number, epoch: number, step: number];

/** A graph to be run on the state. */
export interface StepGraph {
  readonly model: Uint8Array;
  /** State that is fed under another name than its own, by input: averaged weights in the place of the last ones. */
  readonly aliases: Readonly<Record<string, string>>;
}

/** Runs step graphs on a state that it keeps. */
export interface StepRunner {
  /** Loads a graph under a name. */
  load(name: string, graph: StepGraph): Promise<void>;
  /** Replaces the whole state by a copy of `state`. */
  restore(state: ReadonlyMap<string, Tensor>): Promise<void>;
  /**
   * Runs a graph and gives its scalar outputs. Its `next.` outputs become the state, unless one of the scalars is not
   * finite: then the state stays as it was, until it is restored. The buffers of `feeds` are handed over.
   */
  run(name: string, feeds: Readonly<Record<string, Tensor>>, draws: DrawKey): Promise<Readonly<Record<string, number>>>;
  /**
   * Runs a graph for the outputs named, some at a time, and gives the name of the first of them that holds a value that is
   * not finite. The state stays.
   */
  firstNonFinite(
    name: string,
    feeds: Readonly<Record<string, Tensor>>,
    draws: DrawKey,
    outputs: readonly string[],
  ): Promise<string | undefined>;
  /** The name of the first value of the state that is not finite, after all that was asked for so far. */
  nonFiniteState(): Promise<string | undefined>;
  /** A copy of the state after all that was asked for so far. */
  snapshot(): Promise<ReadonlyMap<string, Tensor>>;
  /** Frees everything. */
  close(): Promise<void>;
}

/** Outputs that one run of {@link StepRunner.firstNonFinite} gives: more would need the memory of all activations twice. */
const inspectedAtOnce = 24;

/** Runs step graphs in this thread, one call after the other. */
export class StepExecutor implements StepRunner {
  readonly #runtime: Runtime;
  readonly #options: SessionOptions;
  readonly #graphs = new Map<string, { session: Session; aliases: StepGraph['aliases'] }>();
  #state = new Map<string, Tensor>();
  /** Whether a step was not finite: what was under way behind it must not move the state. */
  #halted = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(runtime: Runtime, options: SessionOptions) {
    this.#runtime = runtime;
    // The last level of optimization would convert activations to a blocked layout and back around every pooling:
    // convolutions, whose weights are inputs here, do not use it. A planned block for all activations and gradients of a
    // step takes up to twice the memory that they take one after another.
    this.#options = { graphOptimization: 'extended', memoryPattern: false, ...options };
  }

  load(name: string, { model, aliases }: StepGraph): Promise<void> {
    return this.#inTurn(async () => {
      const session = await this.#runtime.createSession(model, this.#options);
      this.#graphs.set(name, { session, aliases });
    });
  }

  restore(state: ReadonlyMap<string, Tensor>): Promise<void> {
    return this.#inTurn(async () => {
      this.#state = new Map(state);
      this.#halted = false;
    });
  }

  run(
    name: string,
    feeds: Readonly<Record<string, Tensor>>,
    draws: DrawKey,
  ): Promise<Readonly<Record<string, number>>> {
    return this.#inTurn(async () => {
      const { session, aliases } = this.#graphs.get(name)!;
      const results = await session.run(this.#feeds(session, aliases, feeds, draws));
      const figures: Record<string, number> = {};
      const next: [string, Tensor][] = [];
      for (const [output, value] of Object.entries(results)) {
        if (output.startsWith(nextPrefix)) next.push([output.slice(nextPrefix.length), value]);
        else figures[output] = Number(value.data[0]);
      }
      if (next.length > 0) this.#halted ||= !Object.values(figures).every(Number.isFinite);
      if (!this.#halted) for (const [key, value] of next) this.#state.set(key, value);
      return figures;
    });
  }

  firstNonFinite(
    name: string,
    feeds: Readonly<Record<string, Tensor>>,
    draws: DrawKey,
    outputs: readonly string[],
  ): Promise<string | undefined> {
    return this.#inTurn(async () => {
      const { session, aliases } = this.#graphs.get(name)!;
      const all = this.#feeds(session, aliases, feeds, draws);
      for (let first = 0; first < outputs.length; first += inspectedAtOnce) {
        const some = outputs.slice(first, first + inspectedAtOnce);
        const results = await session.run(all, { outputs: some });
        const found = some.find((output) => !isFiniteTensor(results[output]!));
        if (found !== undefined) return found;
      }
      return undefined;
    });
  }

  nonFiniteState(): Promise<string | undefined> {
    return this.#inTurn(async () => nonFiniteIn(this.#state));
  }

  snapshot(): Promise<ReadonlyMap<string, Tensor>> {
    return this.#inTurn(async () => new Map(this.#state));
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const { session } of this.#graphs.values()) await session.close();
      this.#graphs.clear();
      this.#state.clear();
    });
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }

  #feeds(
    session: Session,
    aliases: StepGraph['aliases'],
    feeds: Readonly<Record<string, Tensor>>,
    draws: DrawKey,
  ): Record<string, Tensor> {
    const all: Record<string, Tensor> = {};
    for (const { name, dims } of session.inputs) {
      const value = feeds[name] ?? this.#state.get(aliases[name] ?? name);
      if (value !== undefined) all[name] = value;
      else if (name.startsWith(randomPrefix)) all[name] = randomTensor(dims as readonly number[], [...draws, name]);
    }
    return all;
  }
}

/** Numbers in [0, 1) that are a function of the key. */
function randomTensor(dims: readonly number[], key: readonly (string | number)[]): Tensor {
  const data = new Float32Array(elementCount(dims));
  keyedRandom('step', ...key).fill(data);
  return tensor('float32', dims, data);
}

/** The name of the first tensor that holds a value that is not finite. */
export function nonFiniteIn(state: ReadonlyMap<string, Tensor>): string | undefined {
  return [...state].find(([, value]) => !isFiniteTensor(value))?.[0];
}

/** Whether no value of a tensor is NaN or infinite. Integers are finite. */
export function isFiniteTensor({ type, data }: Tensor): boolean {
  if (type !== 'float32') return true;
  // A loop: `every` takes ten times as long, and a checkpoint looks at all weights.
  for (let at = 0; at < data.length; at++) if (!Number.isFinite(data[at])) return false;
  return true;
}
