// Quantization that is never slower than float and never blind to accuracy: it looks at what the runtime makes of a model,
// has it judged, times it beside the float model, and takes layers back to float until it is good enough.
import { type LongCallOptions, parseOptions, type Tensor, tensor, throwIfAborted } from '@percept/core';
import type { Model, Runtime } from '@percept/onnx';
import * as z from 'zod';
import { requiredInputs } from '../../graph/graph-values.js';
import { type Calibration, calibrate } from '../calibrate.js';
import {
  type CalibrationData,
  type Feeds,
  feedsOf,
  imagesIn,
  isCalibrationData,
  slice,
} from '../calibration/calibration-data.js';
import { type CalibrationMethod, calibrationMethodSchema } from '../calibration/calibrator.js';
import { overridesSchema, type QuantizationOverride } from '../overrides.js';
import type { FloatNode } from '../quantization-plan.js';
import { type QuantizationTarget, quantizationTargets } from '../quantization-scheme.js';
import { type Candidate, Candidates, medians } from './candidate.js';
import { withinDrop } from './within-drop.js';
import { withoutUnfused } from './without-unfused.js';

/** Options of {@link quantize}. */
export interface QuantizeOptions extends LongCallOptions {
  /** Preprocessed images like those the model will see; a few hundred are enough. */
  readonly calibration: CalibrationData;
  /** Calibrates, times and runs candidates: the runtime that will run the model. */
  readonly runtime: Runtime;
  /** What a model is worth, higher being better: accuracy, mAP. Default: not judged. */
  readonly evaluate?: (model: Model) => Promise<number>;
  /** By how much `evaluate` may fall, in its units, at least 0. Default 0.01: one point of an accuracy. */
  readonly maxDrop?: number;
  /** Calibration images to use, at most. Default: all. */
  readonly images?: number;
  /** How ranges are found. Default min-max. */
  readonly method?: CalibrationMethod;
  /** Where the model is to run. Default `x64`. */
  readonly target?: QuantizationTarget;
  /** Exceptions for single tensors, which hold whatever is found. */
  readonly overrides?: readonly QuantizationOverride[];
  /**
   * How float and int8 are timed, in turns on one image of the calibration. `false`: not at all, for a model that is to run
   * elsewhere. Default 1 thread, 30 runs after 5.
   */
  readonly latency?: false | { readonly threads?: number; readonly runs?: number; readonly warmUp?: number };
  /** Gives the quantized model although it is no faster here. Default false: then the float model is given. */
  readonly allowSlower?: boolean;
}

/** What a model is worth and what it takes. */
export interface ModelFigures {
  /** What `evaluate` gave, where there is one. */
  readonly score?: number;
  /** Median milliseconds for one image, where it was timed. */
  readonly latency?: number;
}

/** What {@link quantize} found. */
export interface QuantizeResult {
  /** The quantized model, or the float model as it was given. */
  readonly model: Model;
  /** Why it is the float model; absent where it is quantized. */
  readonly whyFloat?: string;
  /** Layers that are float in the last candidate, and why. */
  readonly float: readonly FloatNode[];
  readonly before: ModelFigures;
  /** Figures of the last candidate, given or not. */
  readonly after: ModelFigures;
  /** What was tried, in order: why, which layers were kept float, and what it was worth. */
  readonly tried: readonly { readonly step: string; readonly kept: readonly string[]; readonly score?: number }[];
  /** For variants for other machines, with `quantizeStatic`. */
  readonly calibration: Calibration;
}

const schema = z.strictObject({
  calibration: z.custom<CalibrationData>(isCalibrationData, 'an async iterable of tensors or a BatchSource'),
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
  evaluate: z
    .custom<(model: Model) => Promise<number>>((value) => typeof value === 'function', 'a function')
    .optional(),
  maxDrop: z.number().min(0).default(0.01),
  images: z.int().min(1).optional(),
  method: calibrationMethodSchema.default({ method: 'min-max' }),
  target: z.enum(quantizationTargets).default('x64'),
  overrides: overridesSchema.default([]),
  latency: z
    .union([
      z.literal(false),
      z.strictObject({
        threads: z.int().min(1).default(1),
        runs: z.int().min(1).default(30),
        warmUp: z.int().min(0).default(5),
      }),
    ])
    .default({ threads: 1, runs: 30, warmUp: 5 }),
  allowSlower: z.boolean().default(false),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});

/** Images that are kept beyond the calibration, to time models on and to find out what layers cost. */
const remembered = 16;

/**
 * Quantizes a model within a drop of accuracy, and only if that makes it faster.
 *
 * Calibrates once and quantizes all layers that can be. Those that the runtime does not fuse go back to float (see
 * `auditFusion`; in Node). If `evaluate` falls by more than `maxDrop`, the layers that cost most alone go back to float, as
 * few as suffice (see `layerSensitivity`). If the result is no faster than the float model, timed in turns, the float model
 * is given, with the reason.
 *
 * @throws PerceptError what `calibrate` and `quantizeStatic` throw; `OPTIMIZE_SCORE_INVALID` when `evaluate` gives no finite
 *   number; `INVALID_ARGUMENT`; `ABORTED`; what the runtime and `evaluate` throw
 */
export async function quantize(model: Model, options: QuantizeOptions): Promise<QuantizeResult> {
  const settings = parseOptions(schema, options, 'quantize() options') as Required<QuantizeOptions>;
  const { runtime, evaluate, maxDrop, images, method, target, overrides, latency, allowSlower } = settings;
  const call = { signal: settings.signal, onProgress: settings.onProgress };
  throwIfAborted(call.signal);
  const kept: Feeds[] = [];
  const data = rememberingFirst(settings.calibration, model, kept);
  const calibration = await calibrate(model, { data, runtime, method, ...(images && { images }), ...call });

  const candidates = new Candidates(model, { calibration, runtime, target, overrides, evaluate, call });
  const score = await candidates.score(model);
  const whole = await candidates.make('all layers that can be quantized', new Map());
  const fused = await withoutUnfused(candidates, whole);
  const accurate = await withinDrop(candidates, fused, (score ?? 0) - maxDrop, kept);
  const last = accurate ?? fused;

  const timing = latency === false ? undefined : { threads: 1, runs: 30, warmUp: 5, ...latency };
  const times = timing && (await medians([model, last.model], oneImage(kept[0]!, model), runtime, timing, call));
  const slower = times !== undefined && times[1]! >= times[0]! && !allowSlower;
  const whyFloat =
    accurate === undefined
      ? `no candidate keeps the score above ${(score! - maxDrop).toFixed(4)}`
      : slower
        ? `the quantized model takes ${times[1]!.toFixed(2)} ms for an image, the float model ${times[0]!.toFixed(2)} ms`
        : undefined;
  return {
    model: whyFloat === undefined ? last.model : model,
    ...(whyFloat === undefined ? {} : { whyFloat }),
    float: last.float,
    before: figures(score, times?.[0]),
    after: figures(last.score, times?.[1]),
    tried: candidates.tried.map(({ kept: names, ...rest }) => ({ ...rest, kept: [...names.keys()] })),
    calibration,
  };
}

function figures(score: Candidate['score'], latency: number | undefined): ModelFigures {
  return { ...(score === undefined ? {} : { score }), ...(latency === undefined ? {} : { latency }) };
}

/** The calibration data, of which copies of the first images are put into `kept`. */
async function* rememberingFirst(data: CalibrationData, model: Model, kept: Feeds[]): AsyncIterable<Feeds> {
  const inputs = inputNames(model);
  let left = remembered;
  for await (const feeds of feedsOf(data, inputs)) {
    const images = imagesIn(feeds, inputs);
    // Whoever makes the batches may use their memory again.
    if (left > 0) kept.push(copied(slice(feeds, images, 0, Math.min(images, left))));
    left -= images;
    yield feeds;
  }
}

function oneImage(feeds: Feeds, model: Model): Feeds {
  return slice(feeds, imagesIn(feeds, inputNames(model)), 0, 1);
}

function inputNames({ graph }: Model): string[] {
  return requiredInputs(graph).map(({ name }) => name);
}

function copied(feeds: Feeds): Feeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { type, dims, data }]): [string, Tensor] => [
      name,
      tensor(type, dims, data.slice() as never),
    ]),
  );
}
