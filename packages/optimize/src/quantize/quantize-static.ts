import { type LongCallOptions, PerceptError, parseOptions, throwIfAborted } from '@percept/core';
import { type CalibrationRecord, cloneModel, type Model, type Runtime, withMetadata } from '@percept/onnx';
import * as z from 'zod';
import { foldBatchNorm } from '../graph/fold-batch-norm.js';
import { requiredInputs } from '../graph/graph-values.js';
import { type CalibrationData, calibrate, type Range } from './calibrate.js';
import { type FloatNode, planQuantization } from './quantization-plan.js';
import { quantizeGraph } from './quantize-graph.js';

/** Options of {@link quantizeStatic}. */
export interface QuantizeStaticOptions extends LongCallOptions {
  /** Preprocessed images like those the model will see; a few hundred are enough. */
  readonly calibration: CalibrationData;
  /** Runs the float model over the calibration images. */
  readonly runtime: Runtime;
  /** Calibration images to use, at most. Default: all that `calibration` gives. */
  readonly images?: number;
  /**
   * Bits of the weights. With 8, x86 CPUs without VNNI instructions saturate sums of two products (255 · 127 twice is
   * more than 16 bits hold), which costs points of accuracy there without a word; with 7 (default) the result is the
   * same on every CPU. Choose 8 when all CPUs that will run the model have VNNI, or are ARM.
   */
  readonly weightBits?: 7 | 8;
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
  calibration: z.custom<CalibrationData>(isCalibrationData, 'an async iterable of tensors or a BatchSource'),
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
  images: z.int().min(1).optional(),
  weightBits: z.literal([7, 8]).default(7),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});

/**
 * Post-training static quantization to int8, in the QDQ form of ONNX: float operators between QuantizeLinear and
 * DequantizeLinear pairs, which runtimes fuse into integer kernels.
 *
 * Activations are uint8, asymmetric, per tensor; weights int8 (of 7 significant bits, see
 * {@link QuantizeStaticOptions.weightBits}), symmetric, per output channel; biases int32 in units of input scale ×
 * weight scale. That is the pairing for which onnxruntime has its fast x64 kernels. Ranges are the smallest and largest
 * value over the calibration images (arithmetic of onnxruntime.quantization's MinMax), always widened to hold 0.
 * BatchNormalization is folded first ({@link foldBatchNorm}); a Relu, or Clip around 0, becomes the
 * saturation of the value before it; Add, Mul, Concat, pooling and reshaping between weighted nodes compute on uint8.
 * The last Gemm or MatMul gives its scores in float, so that 8 bits make no ties.
 *
 * Memory does not grow with the number of images. The given model is not changed. The result's metadata gains
 * `percept.calibration` and keeps the rest.
 *
 * @throws PerceptError `OPTIMIZE_UNSUPPORTED_MODEL` for another number or type of inputs than one float32 tensor, or an
 *   opset before 13; `OPTIMIZE_ALREADY_QUANTIZED`; `OPTIMIZE_NOTHING_TO_QUANTIZE`; `OPTIMIZE_NO_CALIBRATION_DATA`;
 *   `OPTIMIZE_NOT_FINITE` when a value is NaN or infinite; `INVALID_ARGUMENT`; `ABORTED`; what the runtime throws
 */
export async function quantizeStatic(model: Model, options: QuantizeStaticOptions): Promise<QuantizedModel> {
  const {
    calibration,
    runtime,
    images: limit,
    weightBits,
    signal,
    onProgress,
  } = parseOptions(schema, options, 'quantizeStatic() options');
  throwIfAborted(signal);
  const input = checkModel(model);
  const float = foldBatchNorm(model).model;
  const result = cloneModel(float);
  const plan = planQuantization(result.graph);
  if (plan.weighted.size === 0) {
    throw new PerceptError(
      'OPTIMIZE_NOTHING_TO_QUANTIZE',
      `Expected at least one Conv, Gemm or MatMul with constant float32 weights but received none in graph ${model.graph.name}`,
      { details: { float: plan.float } },
    );
  }
  const values = [...new Set(plan.ranges.values())];
  const { images, ranges } = await calibrate(float, {
    runtime,
    data: calibration,
    input,
    values,
    images: limit,
    signal,
    onProgress,
  });
  quantizeGraph(result.graph, plan, ranges, weightBits);
  const record: CalibrationRecord = {
    method: 'min-max',
    images,
    ranges: Object.fromEntries([...ranges].map(shortest)),
  };
  return { model: withMetadata(result, { calibration: record }), record, float: plan.float };
}

function checkModel(model: Model): string {
  const quantized = model.graph.nodes.find((node) => /^(Dynamic)?QuantizeLinear$|^QLinear/.test(node.opType));
  if (quantized !== undefined) {
    throw new PerceptError(
      'OPTIMIZE_ALREADY_QUANTIZED',
      `Expected a float model but received one with ${quantized.opType}. Quantize the float model that it was made from`,
    );
  }
  const inputs = requiredInputs(model.graph);
  if (inputs.length !== 1 || inputs[0]!.type !== 'float32') {
    const received = inputs.map((input) => `${input.name} (${input.type ?? 'no tensor'})`).join(', ') || 'none';
    throw new PerceptError(
      'OPTIMIZE_UNSUPPORTED_MODEL',
      `Expected one float32 input for a model to quantize but received ${received}`,
    );
  }
  const opset = model.opsets[''] ?? 0;
  if (opset < 13) {
    throw new PerceptError(
      'OPTIMIZE_UNSUPPORTED_MODEL',
      `Expected opset 13 or newer, the first with scales per channel, but received ${opset}. Export the model anew with opset 13 or newer`,
    );
  }
  return inputs[0]!.name;
}

/** Writes float32 numbers with no more digits than tell them apart: the record travels inside the model file. */
function shortest([value, [minimum, maximum]]: [string, Range]): [string, Range] {
  return [value, [Number(minimum.toPrecision(9)), Number(maximum.toPrecision(9))]];
}

function isCalibrationData(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || 'batches' in value);
}
