import { type Tensor, throwIfAborted } from '@percept/core';
import { copyTensor } from '../copy-tensor.js';
import { type Engine, EngineFailure, type EngineRunOptions } from '../engine.js';
import type { ValueInfo } from '../model.js';
import { readModel } from '../read-model.js';
import { runProgram } from './evaluate.js';
import type { Precision } from './kernel.js';
import { toTensor } from './model-value.js';
import { type GraphProgram, prepareModel } from './program.js';

/** Opens a model in the interpreter, in this thread. Runs wait for one another. */
export function openInterpreterEngine(bytes: Uint8Array, precision: Precision): Engine {
  try {
    // A copy, because the constants of a model are views of its bytes.
    const model = readModel(new Uint8Array(bytes));
    return new InterpreterEngine(
      prepareModel(model, precision),
      precision,
      model.graph.inputs.filter(
        ({ name }) => !model.graph.initializers.has(name) && !model.graph.rawInitializers?.has(name),
      ),
      model.graph.outputs.map((info) => promotedInfo(info, precision)),
    );
  } catch (error) {
    throw new EngineFailure('load', (error as Error).message, error);
  }
}

function promotedInfo(info: ValueInfo, precision: Precision): ValueInfo {
  const promoted = precision === 'float64' && ['float16', 'bfloat16', 'float32'].includes(info.type ?? '');
  return promoted ? { ...info, type: 'float64' } : info;
}

class InterpreterEngine implements Engine {
  readonly provider = 'interpreter';
  readonly refused = [];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly #program: GraphProgram;
  readonly #precision: Precision;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    program: GraphProgram,
    precision: Precision,
    inputs: readonly ValueInfo[],
    outputs: readonly ValueInfo[],
  ) {
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

  async close(): Promise<void> {
    await this.#last;
  }

  async #compute(feeds: Readonly<Record<string, Tensor>>, outputs: readonly string[], signal: AbortSignal | undefined) {
    return runProgram(this.#program, feeds, { outputs, signal, precision: this.#precision });
  }
}
