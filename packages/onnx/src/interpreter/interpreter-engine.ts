import { type Tensor, throwIfAborted } from '@percept/core';
import { memoryStorage } from '@percept/storage/backends/memory';
import { copyTensor } from '../copy-tensor.js';
import { type Engine, EngineFailure, type EngineRunOptions } from '../engine.js';
import type { RefusedProvider } from '../execution-provider.js';
import { externalKey } from '../external/location.js';
import { loadExternalData, locateWeights } from '../external/open-model.js';
import type { Model, ValueInfo } from '../model.js';
import { type ModelProfile, NodeTimes } from '../model-profile.js';
import { readModel } from '../read-model.js';
import type { SessionOptions } from '../runtime.js';
import { runProgram } from './evaluate.js';
import type { Precision } from './kernel.js';
import { toTensor } from './model-value.js';
import { type GraphProgram, prepareModel } from './program.js';

/** What {@link openInterpreterEngine} is given besides. */
export interface InterpreterEngineOptions {
  readonly precision: Precision;
  readonly refused: readonly RefusedProvider[];
  readonly externalData: SessionOptions['externalData'] | undefined;
  readonly profiling: boolean | undefined;
}

/** Opens a model in the interpreter, in this thread. Runs wait for one another. */
export async function openInterpreterEngine(bytes: Uint8Array, options: InterpreterEngineOptions): Promise<Engine> {
  const { precision, refused, externalData, profiling } = options;
  try {
    // A copy, because the constants of a model are views of its bytes.
    const read = readModel(new Uint8Array(bytes));
    const model = externalData === undefined ? read : await withWeights(read, externalData);
    const engine = new InterpreterEngine(
      prepareModel(model, precision),
      precision,
      model.graph.inputs.filter(
        ({ name }) => !model.graph.initializers.has(name) && !model.graph.rawInitializers?.has(name),
      ),
      model.graph.outputs.map((info) => promotedInfo(info, precision)),
      refused,
    );
    return profiling === true ? engine.recorded() : engine;
  } catch (error) {
    throw new EngineFailure('load', (error as Error).message, error);
  }
}

/** The model with the weights that it names as files. */
async function withWeights(model: Model, files: NonNullable<SessionOptions['externalData']>): Promise<Model> {
  const storage = memoryStorage();
  for (const { path, data } of files) await storage.write(externalKey('model', path), data);
  return loadExternalData(await locateWeights(model, storage, 'model', {}));
}

function promotedInfo(info: ValueInfo, precision: Precision): ValueInfo {
  const promoted = precision === 'float64' && ['float16', 'bfloat16', 'float32'].includes(info.type ?? '');
  return promoted ? { ...info, type: 'float64' } : info;
}

class InterpreterEngine implements Engine {
  readonly provider = 'interpreter';
  readonly cpuFallback = false;
  readonly refused: readonly RefusedProvider[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #program: GraphProgram;
  readonly #precision: Precision;
  #last: Promise<unknown> = Promise.resolve();
  #times: NodeTimes | undefined;

  constructor(
    program: GraphProgram,
    precision: Precision,
    inputs: readonly ValueInfo[],
    outputs: readonly ValueInfo[],
    refused: readonly RefusedProvider[],
  ) {
    this.refused = refused;
    this.#program = program;
    this.#precision = precision;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  run(feeds: Readonly<Record<string, Tensor>>, { outputs, signal }: EngineRunOptions): Promise<Record<string, Tensor>> {
    const run = this.#last.then(async () => {
      throwIfAborted(signal);
      const values = await this.#compute(feeds, outputs, signal);
      return Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, copyTensor(toTensor(value, name))]),
      );
    });
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** This engine, from now on noting what its nodes cost. */
  recorded(): Engine {
    const times = new NodeTimes();
    this.#times = times;
    const profile = async (): Promise<ModelProfile> => {
      await this.#last;
      return times.profile();
    };
    return Object.assign(this, { profile });
  }

  async close(): Promise<void> {
    await this.#last;
  }

  async #compute(feeds: Readonly<Record<string, Tensor>>, outputs: readonly string[], signal: AbortSignal | undefined) {
    return runProgram(this.#program, feeds, { outputs, signal, precision: this.#precision, times: this.#times });
  }
}
