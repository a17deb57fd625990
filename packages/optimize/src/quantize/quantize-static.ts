import { isPerceptError, type LongCallOptions, PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import {
  type CalibrationRecord,
  cloneModel,
  type Model,
  modelDigest,
  type Runtime,
  withMetadata,
  writeModel,
} from '@percept/onnx';
import { convertOpset } from '@percept/onnx/graph';
import * as z from 'zod';
import { type Calibration, calibrationSchema, recordOf } from './calibrate.js';
import { type CalibrationData, isCalibrationData } from './calibration/calibration-data.js';
import { type CalibrationMethod, calibrationMethodSchema, calibratorOf } from './calibration/calibrator.js';
import type { Range } from './calibration/clip-range.js';
import { measureRanges } from './calibration/measure-ranges.js';
import { Overrides, overridesSchema, type QuantizationOverride } from './overrides.js';
import { prepareModel, typesOf } from './prepare-model.js';
import type { ActivationFormat, WeightBits } from './quantization-parameters.js';
import { type FloatNode, planQuantization, type QuantizationPlan } from './quantization-plan.js';
import {
  type QuantizationScheme,
  type QuantizationTarget,
  quantizationTargets,
  targetSchemes,
} from './quantization-scheme.js';
import { quantizeGraph } from './quantize-graph.js';

/** Options of {@link quantizeStatic}. */
export interface QuantizeStaticOptions extends LongCallOptions {
  /**
   * Preprocessed images like those the model will see, a few hundred are enough; or what `calibrate` found in this very
   * model.
   */
  readonly calibration: CalibrationData | Calibration;
  /** Runs the float model over the calibration images. Not needed for a {@link Calibration}. */
  readonly runtime?: Runtime;
  /** Calibration images to use, at most. Default: all that `calibration` gives. */
  readonly images?: number;
  /** How ranges are found in images. Default min-max; a {@link Calibration} brings its own. */
  readonly method?: CalibrationMethod;
  /** Where the model is to run. Default `x64`: any x86 CPU. The options below replace parts of what a target stands for. */
  readonly target?: QuantizationTarget;
  /**
   * Bits of the weights. With 8, x86 CPUs without VNNI instructions saturate sums of two products (255 · 127 twice is
   * more than 16 bits hold), which costs points of accuracy there without a word; with 7 (default) the result is the
   * same on every CPU. Choose 8 when all CPUs that will run the model have VNNI, or are ARM.
   */
  readonly weightBits?: WeightBits;
  /** A scale for each output channel of a weight (default), or one for the whole weight. */
  readonly perChannel?: boolean;
  /**
   * Type of the activations, and whether their zero point is the middle of it. 16 bits keep more accuracy; runtimes with
   * kernels for them are those of NPUs, on CPUs such a model computes in float.
   */
  readonly activations?: Partial<ActivationFormat>;
  /** Exceptions for single tensors. */
  readonly overrides?: readonly QuantizationOverride[];
}

/** What {@link quantizeStatic} made. */
export interface QuantizedModel {
  readonly model: Model;
  /** How it was calibrated; the model's metadata holds the same. */
  readonly record: CalibrationRecord;
  /** Conv, ConvTranspose, Gemm and MatMul nodes that stayed float, and why. Empty for most networks. */
  readonly float: readonly FloatNode[];
}

const schema = z.strictObject({
  calibration: z.union([
    calibrationSchema,
    z.custom<CalibrationData>(isCalibrationData, 'an async iterable of tensors, a BatchSource or a Calibration'),
  ]),
  runtime: z
    .custom<Runtime>((value) => typeof (value as Runtime | undefined)?.createSession === 'function', 'a Runtime')
    .optional(),
  images: z.int().min(1).optional(),
  method: calibrationMethodSchema.default({ method: 'min-max' }),
  target: z.enum(quantizationTargets).default('x64'),
  weightBits: z.literal([7, 8]).optional(),
  perChannel: z.boolean().optional(),
  activations: z
    .strictObject({
      type: z.enum(['uint8', 'int8', 'uint16', 'int16']).optional(),
      symmetric: z.boolean().optional(),
    })
    .default({}),
  overrides: overridesSchema.default([]),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});
type Settings = z.infer<typeof schema>;

/**
 * Post-training static quantization to integers, in the QDQ form of ONNX: float operators between QuantizeLinear and
 * DequantizeLinear pairs, which runtimes fuse into integer kernels.
 *
 * By default activations are uint8, asymmetric, per tensor; weights int8 (of 7 significant bits, see
 * {@link QuantizeStaticOptions.weightBits}), symmetric, per output channel; biases int32 in units of input scale ×
 * weight scale. That is the pairing for which onnxruntime has its fast x64 kernels. Ranges are the smallest and largest
 * value over the calibration images (arithmetic of onnxruntime.quantization's MinMax), always widened to hold 0.
 * BatchNormalization is folded first ({@link foldBatchNorm}); a Relu, or Clip around 0, becomes the
 * saturation of the value before it; Add, Mul, Concat, pooling and reshaping between weighted nodes compute on integers,
 * and so do HardSigmoid and HardSwish, as a sum that saturates and a product. The last Gemm or MatMul gives its scores in
 * float, so that 8 bits make no ties.
 *
 * Models of an opset before 13 are raised to it, for 16-bit activations to 21 (or take the conversions of the
 * com.microsoft domain). Memory does not grow with the number of images. The given model is not changed. The result's
 * metadata gains `percept.calibration` and keeps the rest.
 *
 * @throws PerceptError `OPTIMIZE_UNSUPPORTED_MODEL` for a model without a float32 input, of an opset before 13 that cannot
 *   be raised, or of several inputs when the calibration data are single tensors; `OPTIMIZE_ALREADY_QUANTIZED`;
 *   `OPTIMIZE_NOTHING_TO_QUANTIZE`; `OPTIMIZE_NO_CALIBRATION_DATA`; `OPTIMIZE_NOT_FINITE` when a value is NaN or infinite;
 *   `OPTIMIZE_CALIBRATION_MISMATCH` for the calibration of another model; `INVALID_ARGUMENT`; `ABORTED`; what the runtime
 *   throws
 */
export async function quantizeStatic(model: Model, options: QuantizeStaticOptions): Promise<QuantizedModel> {
  const settings = parseOptions(schema, options, 'quantizeStatic() options');
  throwIfAborted(settings.signal);
  const scheme = schemeOf(settings);
  const float = prepareModel(model);
  const overrides = new Overrides(settings.overrides);
  overrides.check(float.graph);
  const { result, domain } = quantizable(float, scheme, settings.overrides);
  const saturatesAtZero = !scheme.activations.symmetric && settings.overrides.every(staysAsymmetric);
  const plan = planQuantization(result.graph, { types: typesOf(float), overrides, saturatesAtZero });
  if (plan.weighted.size === 0) {
    throw new PerceptError(
      'OPTIMIZE_NOTHING_TO_QUANTIZE',
      `Expected at least one Conv, Gemm or MatMul with constant float32 weights but received none in graph ${model.graph.name}`,
      { details: { float: plan.float } },
    );
  }
  const { record, measured } = await rangesFor(model, float, plan, settings);
  quantizeGraph(result.graph, { plan, measured, scheme, overrides, domain });
  return { model: withMetadata(result, { calibration: record }), record, float: plan.float };
}

function schemeOf({ target, weightBits, perChannel, activations }: Settings): QuantizationScheme {
  const scheme = targetSchemes[target];
  return {
    ...scheme,
    activations: {
      type: activations.type ?? scheme.activations.type,
      symmetric: activations.symmetric ?? scheme.activations.symmetric,
    },
    weights: { bits: weightBits ?? scheme.weights.bits, perChannel: perChannel ?? scheme.weights.perChannel },
  };
}

function staysAsymmetric({ activations }: Settings['overrides'][number]): boolean {
  return activations === undefined || activations === 'float' || activations.symmetric !== true;
}

/**
 * A copy to quantize, and the domain of its conversions. The standard knows 16 bits from opset 21 on: the copy is raised to
 * it or, where it cannot be, takes the conversions of com.microsoft.
 */
function quantizable(
  float: Model,
  { activations }: QuantizationScheme,
  overrides: Settings['overrides'],
): { result: Model; domain: '' | 'com.microsoft' } {
  const types = overrides.map((override) =>
    typeof override.activations === 'object' ? override.activations.type : undefined,
  );
  const wide = [activations.type, ...types].some((type) => type?.endsWith('16'));
  if (!wide || (float.opsets[''] ?? 0) >= 21) return { result: cloneModel(float), domain: '' };
  try {
    return { result: convertOpset(float, 21), domain: '' };
  } catch (error) {
    if (!isPerceptError(error, 'ONNX_OPSET_UNCONVERTIBLE')) throw error;
    const result = cloneModel(float);
    result.opsets['com.microsoft'] ??= 1;
    return { result, domain: 'com.microsoft' };
  }
}

async function rangesFor(
  model: Model,
  float: Model,
  plan: QuantizationPlan,
  { calibration, runtime, method, images: limit, signal, onProgress }: Settings,
): Promise<{ record: CalibrationRecord; measured: ReadonlyMap<string, Range> }> {
  const values = [...new Set(plan.ranges.values())].filter((value) => !plan.known.has(value));
  if ('ranges' in calibration) {
    const found = new Map(values.map((value) => [value, calibration.ranges[value]]));
    const missing = values.filter((value) => found.get(value) === undefined);
    const digest = await modelDigest(writeModel(model));
    if (missing.length > 0 || digest !== calibration.model) {
      const received =
        digest === calibration.model ? `one without ${missing.join(', ')}` : `that of ${calibration.model}`;
      throw new PerceptError(
        'OPTIMIZE_CALIBRATION_MISMATCH',
        `Expected the calibration of model ${digest} but received ${received}. Calibrate the model that is to be quantized`,
        { details: { missing } },
      );
    }
    const measured = found as Map<string, Range>;
    return { record: recordOf(calibration.settings, calibration.images, measured), measured };
  }
  if (runtime === undefined) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      'Expected a runtime for quantizeStatic() options to run calibration images but received none',
    );
  }
  const calibrator = calibratorOf(method);
  const options = { runtime, data: calibration, values, calibrator, images: limit, signal, onProgress };
  const { images, ranges } = await measureRanges(float, options);
  return { record: recordOf(method, images, ranges), measured: ranges };
}
