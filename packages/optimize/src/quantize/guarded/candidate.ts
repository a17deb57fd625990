import { type LongCallOptions, PerceptError, throwIfAborted } from '@percept/core';
import { type Model, type Runtime, type Session, writeModel } from '@percept/onnx';
import { interleavedLatencies, quantile } from '../../compare/latency.js';
import type { Calibration } from '../calibrate.js';
import type { Feeds } from '../calibration/calibration-data.js';
import type { QuantizationOverride } from '../overrides.js';
import type { FloatNode } from '../quantization-plan.js';
import type { QuantizationTarget } from '../quantization-scheme.js';
import { quantizeStatic } from '../quantize-static.js';

/** Layers that are to stay float although they could be quantized, and why. */
export type KeptFloat = ReadonlyMap<string, string>;

/** A quantized form of a model. */
export interface Candidate {
  readonly model: Model;
  readonly kept: KeptFloat;
  /** Every layer that is float in it, and why. */
  readonly float: readonly FloatNode[];
  /** Why it was made. */
  readonly step: string;
  /** What `evaluate` gave. */
  readonly score?: number;
}

/** What candidates are made with. */
export interface CandidateOptions {
  readonly calibration: Calibration;
  readonly runtime: Runtime;
  readonly target: QuantizationTarget;
  readonly overrides: readonly QuantizationOverride[];
  readonly evaluate: ((model: Model) => Promise<number>) | undefined;
  readonly call: Pick<LongCallOptions, 'signal' | 'onProgress'>;
}

/** Makes and judges quantized forms of one model, and remembers all of them. */
export class Candidates {
  readonly model: Model;
  readonly options: CandidateOptions;
  /** In the order in which they were made; of a model only what was measured is kept. */
  readonly tried: Omit<Candidate, 'model' | 'float'>[] = [];

  constructor(model: Model, options: CandidateOptions) {
    this.model = model;
    this.options = options;
  }

  /** Quantizes all but `kept`, and has the result judged where there is a judge. */
  async make(step: string, kept: KeptFloat): Promise<Candidate> {
    const { calibration, target, call } = this.options;
    throwIfAborted(call.signal);
    const names = [...kept.keys()].map((match) => ({ match, weights: 'float' as const }));
    const overrides = [...this.options.overrides, ...names];
    const { model, float } = await quantizeStatic(this.model, { calibration, target, overrides });
    const told = float.map((node) => ({ ...node, reason: kept.get(node.name) ?? node.reason }));
    const score = await this.score(model);
    const measured = { step, kept, ...(score === undefined ? {} : { score }) };
    this.tried.push(measured);
    return { ...measured, model, float: told };
  }

  /** What a model is worth; `undefined` where nobody judges. */
  async score(model: Model): Promise<number | undefined> {
    if (this.options.evaluate === undefined) return undefined;
    const score = await this.options.evaluate(model);
    if (typeof score === 'number' && Number.isFinite(score)) return score;
    throw new PerceptError(
      'OPTIMIZE_SCORE_INVALID',
      `Expected a finite number from evaluate() but received ${score}. Give what a model is worth, higher being better`,
    );
  }
}

/** How models are timed. */
export interface Timing {
  readonly threads: number;
  readonly runs: number;
  readonly warmUp: number;
}

/** Median milliseconds that models take on the same feeds, in turns. */
export async function medians(
  models: readonly Model[],
  feeds: Feeds,
  runtime: Runtime,
  { threads, runs, warmUp }: Timing,
  { signal, onProgress }: CandidateOptions['call'],
): Promise<number[]> {
  const sessions: Session[] = [];
  try {
    for (const model of models) sessions.push(await runtime.createSession(writeModel(model), { threads }));
    const calls = sessions.map((session) => () => session.run({ ...feeds }, { signal }));
    const progress = onProgress === undefined ? {} : { onProgress };
    const times = await interleavedLatencies(calls, { runs, warmUp, ...(signal && { signal }), ...progress });
    return times.map((each) =>
      quantile(
        each.toSorted((a, b) => a - b),
        0.5,
      ),
    );
  } finally {
    for (const session of sessions) await session.close();
  }
}
