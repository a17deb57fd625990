import { type LongCallOptions, parseOptions, throwIfAborted } from '@percept/core';
import { type CalibrationRecord, type Model, modelDigest, type Runtime, writeModel } from '@percept/onnx';
import * as z from 'zod';
import { type CalibrationData, isCalibrationData } from './calibration/calibration-data.js';
import { type CalibrationMethod, calibrationMethodSchema, calibratorOf } from './calibration/calibrator.js';
import type { Range } from './calibration/clip-range.js';
import { measureRanges } from './calibration/measure-ranges.js';
import { prepareModel, typesOf } from './prepare-model.js';
import { measurableValues } from './quantization-plan.js';

export type { CalibrationData } from './calibration/calibration-data.js';

/**
 * What calibrating a model found: plain data, to be kept as JSON and given to `quantizeStatic` for as many variants as
 * there are machines.
 */
export interface Calibration extends CalibrationRecord {
  /** Version of this form. */
  readonly version: 1;
  /** Digest of the float model that was calibrated. */
  readonly model: string;
  /** How ranges were found, with all its settings. */
  readonly settings: CalibrationMethod;
}

/** Options of {@link calibrate}. */
export interface CalibrateOptions extends LongCallOptions {
  /** Preprocessed images like those the model will see; a few hundred are enough. */
  readonly data: CalibrationData;
  /** Runs the float model over the images. */
  readonly runtime: Runtime;
  /** Default min-max. */
  readonly method?: CalibrationMethod;
  /** Images to look at, at most. Default: all that `data` gives. */
  readonly images?: number;
}

const schema = z.strictObject({
  data: z.custom<CalibrationData>(isCalibrationData, 'an async iterable of tensors or a BatchSource'),
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
  method: calibrationMethodSchema.default({ method: 'min-max' }),
  images: z.int().min(1).optional(),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});

/** The form of a {@link Calibration}. */
export const calibrationSchema = z.looseObject({
  version: z.literal(1),
  model: z.string(),
  method: z.string(),
  settings: calibrationMethodSchema,
  images: z.int().min(1),
  ranges: z.record(z.string(), z.tuple([z.number(), z.number()])),
});

/**
 * Runs images through a float model and finds the range of every value that may be quantized, whatever the target and
 * the overrides: calibrate once, then make a variant for each kind of machine.
 *
 * Memory is that of one forward pass and, for percentile, entropy and MSE, a histogram for each value; it does not grow
 * with the number of images. The model is not changed.
 *
 * @throws PerceptError `OPTIMIZE_UNSUPPORTED_MODEL`, `OPTIMIZE_ALREADY_QUANTIZED`, `OPTIMIZE_NO_CALIBRATION_DATA`,
 *   `OPTIMIZE_NOT_FINITE` when a value is NaN or infinite; `INVALID_ARGUMENT`; `ABORTED`; `ONNX_CRYPTO_MISSING` on pages
 *   without WebCrypto, for the digest; what the runtime throws
 */
export async function calibrate(model: Model, options: CalibrateOptions): Promise<Calibration> {
  const { data, runtime, method, images, signal, onProgress } = parseOptions(schema, options, 'calibrate() options');
  throwIfAborted(signal);
  const prepared = prepareModel(model);
  const measured = await measureRanges(prepared, {
    runtime,
    data,
    values: measurableValues(prepared.graph, typesOf(prepared)),
    calibrator: calibratorOf(method),
    images,
    signal,
    onProgress,
  });
  const record = recordOf(method, measured.images, measured.ranges);
  return { version: 1, model: await modelDigest(writeModel(model)), settings: method, ...record };
}

/** What a model's metadata says of how it was calibrated. */
export function recordOf(
  { method }: CalibrationMethod,
  images: number,
  ranges: ReadonlyMap<string, Range>,
): CalibrationRecord {
  return { method, images, ranges: Object.fromEntries([...ranges].map(shortest)) };
}

/** Writes float32 numbers with no more digits than tell them apart: the record travels inside the model file. */
function shortest([value, [minimum, maximum]]: [string, Range]): [string, Range] {
  return [value, [Number(minimum.toPrecision(9)), Number(maximum.toPrecision(9))]];
}
