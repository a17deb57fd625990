import { type LongCallOptions, PerceptError, parseOptions, type Tensor, throwIfAborted } from '@percept/core';
import { type Model, type Runtime, writeModel } from '@percept/onnx';
import * as z from 'zod';
import { requiredInputs } from '../../graph/graph-values.js';
import { isStandard } from '../../graph/simplify.js';
import { type Calibration, calibrationSchema } from '../calibrate.js';
import { type CalibrationData, type Feeds, feedsOf, isCalibrationData } from '../calibration/calibration-data.js';
import { prepareModel } from '../prepare-model.js';
import { type QuantizationTarget, quantizationTargets } from '../quantization-scheme.js';
import { quantizeStatic } from '../quantize-static.js';

/** Options of {@link layerSensitivity}. */
export interface LayerSensitivityOptions extends LongCallOptions {
  /** What `calibrate` found in this very model. */
  readonly calibration: Calibration;
  /** Images to look at; 16 tell the order of the layers. */
  readonly data: CalibrationData;
  readonly runtime: Runtime;
  /** Default `x64`. */
  readonly target?: QuantizationTarget;
  /** How many images of `data`, at most. Default 16. */
  readonly images?: number;
}

/** What quantizing one layer alone costs. */
export interface LayerSensitivity {
  /** Name of the node, or of its output where it has none. */
  readonly name: string;
  readonly opType: string;
  /** Signal-to-quantization-noise ratio of the model's first output in dB: the lower, the more the layer costs. */
  readonly sqnr: number;
}

const schema = z.strictObject({
  calibration: calibrationSchema,
  data: z.custom<CalibrationData>(isCalibrationData, 'an async iterable of tensors or a BatchSource'),
  runtime: z.custom<Runtime>(
    (value) => typeof (value as Runtime | undefined)?.createSession === 'function',
    'a Runtime',
  ),
  target: z.enum(quantizationTargets).default('x64'),
  images: z.int().min(1).default(16),
  signal: z.custom<AbortSignal>().optional(),
  onProgress: z.custom<LongCallOptions['onProgress']>().optional(),
});

/**
 * Quantizes one layer at a time, everything else being float, and compares the model's first output with that of the float
 * model: which layers cost accuracy, the worst first. One session for each layer.
 *
 * @throws PerceptError what `quantizeStatic` throws; `OPTIMIZE_NO_CALIBRATION_DATA`; `INVALID_ARGUMENT`; `ABORTED`
 */
export async function layerSensitivity(model: Model, options: LayerSensitivityOptions): Promise<LayerSensitivity[]> {
  const settings = parseOptions(schema, options, 'layerSensitivity() options');
  const { calibration, data, runtime, target, images, signal, onProgress } = settings;
  const inputs = requiredInputs(model.graph).map(({ name }) => name);
  const feeds: Feeds[] = [];
  for await (const batch of feedsOf(data, inputs, images, signal)) feeds.push(batch);
  if (feeds.length === 0) {
    throw new PerceptError(
      'OPTIMIZE_NO_CALIBRATION_DATA',
      'Expected at least one image for layerSensitivity() but received none. Give some images like those the model will see',
    );
  }
  const expected = await firstOutputs(model, feeds, runtime, signal);
  const layers = weightedLayers(model);
  const found: LayerSensitivity[] = [];
  for (const [done, { name, opType }] of layers.entries()) {
    throwIfAborted(signal);
    const overrides = [
      { match: /^/, weights: 'float' as const },
      { match: name, weights: {} },
    ];
    const { model: one, float } = await quantizeStatic(model, {
      calibration: calibration as Calibration,
      target,
      overrides,
    });
    if (!float.some((node) => node.name === name)) {
      found.push({ name, opType, sqnr: noiseRatio(expected, await firstOutputs(one, feeds, runtime, signal)) });
    }
    onProgress?.({ stage: 'measure sensitivity', done: done + 1, total: layers.length, unit: 'layers' });
  }
  return found.sort((a, b) => a.sqnr - b.sqnr);
}

/** Layers with weights, as `quantizeStatic` names them. */
export function weightedLayers(model: Model): { name: string; opType: string }[] {
  return prepareModel(model)
    .graph.nodes.filter((node) => ['Conv', 'Gemm', 'MatMul'].some((opType) => isStandard(node, opType)))
    .map(({ name, opType, outputs }) => ({ name: name || outputs[0]!, opType }));
}

async function firstOutputs(
  model: Model,
  feeds: readonly Feeds[],
  runtime: Runtime,
  signal: AbortSignal | undefined,
): Promise<Float32Array[]> {
  const output = model.graph.outputs[0]!.name;
  await using session = await runtime.createSession(writeModel(model));
  const results: Float32Array[] = [];
  for (const batch of feeds) {
    const { [output]: scores } = await session.run({ ...batch } as Record<string, Tensor>, {
      outputs: [output],
      signal,
    });
    results.push(Float32Array.from(scores!.data as Float32Array));
  }
  return results;
}

/** 20·log10 of signal over noise, both as Euclidean norms; infinite where there is no noise. */
function noiseRatio(signals: readonly Float32Array[], noisy: readonly Float32Array[]): number {
  let [signal, noise] = [0, 0];
  for (const [at, clean] of signals.entries()) {
    for (let index = 0; index < clean.length; index++) {
      signal += clean[index]! ** 2;
      noise += (clean[index]! - noisy[at]![index]!) ** 2;
    }
  }
  return 10 * Math.log10(signal / noise);
}
