import { isPerceptError, PerceptError, type Tensor, tensor } from '@percept/core';
import { winningClass } from '@percept/metrics';
import type { Runtime, Session } from '@percept/onnx';

/** A model to compare: a name for the table, and its file's bytes. */
export interface NamedModel {
  readonly name: string;
  readonly model: Uint8Array;
}

/** How sessions are opened. */
export interface SessionSettings {
  readonly runtime: Runtime;
  /** Absent: the runtime's choice. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a session of every model for as long as `use` takes. When one cannot be opened, or `use` fails, all are closed.
 *
 * @throws PerceptError `OPTIMIZE_MODEL_FAILED` for a model that the runtime refuses, `OPTIMIZE_NOT_A_CLASSIFIER` for one
 *   of several inputs
 */
export async function withContestants<Result>(
  models: readonly NamedModel[],
  { runtime, threads, signal }: SessionSettings,
  use: (contestants: readonly Contestant[]) => Promise<Result>,
): Promise<Result> {
  const sessions: Session[] = [];
  try {
    const contestants: Contestant[] = [];
    for (const { name, model } of models) {
      const options = { signal, ...(threads === undefined ? {} : { threads }) };
      const session = await naming(name, () => runtime.createSession(model, options));
      sessions.push(session);
      contestants.push(new Contestant(name, session));
    }
    return await use(contestants);
  } finally {
    // One that cannot be closed must not keep the others open, nor hide why the comparison failed.
    await Promise.allSettled(sessions.map((session) => session.close()));
  }
}

/** A model under comparison, ready to run. */
export class Contestant {
  readonly name: string;
  /** Name of its input. */
  readonly input: string;
  /** The only size of batch that it takes, where its first dimension is a number. */
  readonly fixedBatch: number | undefined;
  readonly #session: Session;

  constructor(name: string, session: Session) {
    this.name = name;
    this.#session = session;
    const [input, another] = session.inputs;
    if (input === undefined || another !== undefined || session.outputs.length === 0)
      throw this.#notAClassifier(`${session.inputs.length} inputs and ${session.outputs.length} outputs`);
    this.input = input.name;
    const [batch] = input.dims ?? [];
    this.fixedBatch = typeof batch === 'number' ? batch : undefined;
  }

  /** Whether it can take so many images in one run. */
  takes(batch: number): boolean {
    return this.fixedBatch === undefined || this.fixedBatch === batch;
  }

  /** Computes a batch that it {@link takes}: all outputs, or only the first. */
  async run(
    inputs: Tensor<'float32'>,
    { signal, outputs }: { readonly signal?: AbortSignal | undefined; readonly outputs: 'first' | 'all' },
  ): Promise<Record<string, Tensor>> {
    const options = { signal, ...(outputs === 'first' && { outputs: [this.#session.outputs[0]!.name] }) };
    return naming(this.name, () => this.#session.run({ [this.input]: inputs }, options));
  }

  /**
   * Scores of a batch of any size, `[N, classes]`.
   *
   * @throws PerceptError `OPTIMIZE_NOT_A_CLASSIFIER`; `OPTIMIZE_SCORES_NAN`
   */
  async scores(inputs: Tensor<'float32'>, classes: number, signal?: AbortSignal): Promise<Float32Array> {
    const images = inputs.dims[0]!;
    const size = this.fixedBatch ?? images;
    const perImage = inputs.data.length / images;
    const scores = new Float32Array(images * classes);
    for (let from = 0; from < images; from += size) {
      const some = inputs.data.subarray(from * perImage, (from + size) * perImage);
      const part = await this.#scoresOf(
        tensor('float32', [size, ...inputs.dims.slice(1)], padded(some, size * perImage)),
        classes,
        signal,
      );
      scores.set(part.subarray(0, Math.min(size, images - from) * classes), from * classes);
    }
    const wrong = scores.findIndex(Number.isNaN);
    if (wrong < 0) return scores;
    const image = Math.floor(wrong / classes);
    throw new PerceptError(
      'OPTIMIZE_SCORES_NAN',
      `Expected numbers as scores of model ${this.name} but received NaN for image ${image} of a batch. Look for NaN in its weights, and for images with NaN`,
      { details: { model: this.name, image } },
    );
  }

  async #scoresOf(inputs: Tensor<'float32'>, classes: number, signal: AbortSignal | undefined): Promise<Float32Array> {
    const output = this.#session.outputs[0]!.name;
    const scores = (await this.run(inputs, { signal, outputs: 'first' }))[output]!;
    if (scores.type !== 'float32' || scores.data.length !== inputs.dims[0]! * classes) {
      throw this.#notAClassifier(`${scores.type} [${scores.dims.join(', ')}] for ${classes} classes`);
    }
    return scores.data as Float32Array;
  }

  #notAClassifier(received: string): PerceptError {
    return new PerceptError(
      'OPTIMIZE_NOT_A_CLASSIFIER',
      `Expected one input, and float32 [N, classes] as first output, for model ${this.name} but received ${received}. The data must have the classes that the model knows; give task or evaluate for models of other tasks`,
      { details: { model: this.name } },
    );
  }
}

/** The class of each sample whose score is strictly above all others, −1 where there is none. */
export function decidedClasses(scores: Float32Array, classes: number): Int32Array {
  return Int32Array.from({ length: scores.length / classes }, (_, sample) =>
    winningClass(scores, sample * classes, classes),
  );
}

/**
 * Tells which model it was that failed.
 *
 * @throws PerceptError `OPTIMIZE_MODEL_FAILED` with the failure as cause; `ABORTED` and `MISSING_PEER` as they are, for
 *   they are not the model's
 */
export async function naming<Result>(name: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    const owns = ['ABORTED', 'MISSING_PEER', 'OPTIMIZE_SCORES_NAN', 'OPTIMIZE_NOT_A_CLASSIFIER'];
    if (owns.some((code) => isPerceptError(cause, code))) throw cause;
    throw new PerceptError(
      'OPTIMIZE_MODEL_FAILED',
      `Expected to run model ${name} but received: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause, details: { model: name } },
    );
  }
}

/** The numbers, and zeros behind them up to a length. */
function padded(numbers: Float32Array, length: number): Float32Array {
  if (numbers.length === length) return numbers;
  const result = new Float32Array(length);
  result.set(numbers);
  return result;
}
