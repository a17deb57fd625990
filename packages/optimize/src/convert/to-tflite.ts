import { parseOptions } from '@percept/core';
import type { Model } from '@percept/onnx';
import { inferTypes } from '@percept/onnx/graph';
import * as z from 'zod';
import { dropUnused } from './tflite/drop-unused.js';
import { withFixedSizes } from './tflite/fixed-sizes.js';
import { fuseActivations } from './tflite/fuse-activations.js';
import { halveWeights } from './tflite/half-weights.js';
import { type ImageLayout, type Lowered, lower, type Transposition } from './tflite/lowering.js';
import { operatorLowerings } from './tflite/operators/index.js';
import { recogniseActivations } from './tflite/recognise-activations.js';
import type { BuiltinOperator, TfliteType } from './tflite/schema.js';
import { writeTfliteFile } from './tflite/write-file.js';

/** Options of {@link toTflite}. */
export interface ToTfliteOptions {
  /**
   * How float weights are stored. `float16` halves the file; results change in the fourth digit. Integer weights of a
   * quantized model stay integers. Default `float32`.
   */
  readonly weights?: 'float32' | 'float16';
  /** Size of a first axis that the model leaves open. Default 1. */
  readonly batch?: number;
  /** Sizes of inputs by name, as ONNX counts their axes (images `[N, C, H, W]`), where the model leaves them open. */
  readonly inputDims?: Readonly<Record<string, readonly number[]>>;
  /**
   * How inputs and outputs of rank 4 are laid out in the file. `NHWC` (default) is what users of TFLite expect; `model`
   * keeps the model's own layout, for NCHW at the price of one transposition at the entrance (and one at the exit).
   */
  readonly imageLayout?: ImageLayout;
  /** `description` of the file. Default: the model's own `docString`, or its graph's name. */
  readonly description?: string;
}

/** An input or output of a TFLite file. */
export interface TfliteValue {
  readonly name: string;
  readonly type: TfliteType;
  /** Shape in the file. */
  readonly dims: readonly number[];
}

/** What {@link toTflite} did. */
export interface TfliteRecord {
  readonly inputs: readonly TfliteValue[];
  readonly outputs: readonly TfliteValue[];
  /** How many there are of each operator of TFLite. */
  readonly operators: Readonly<Partial<Record<BuiltinOperator, number>>>;
  /** Transpositions that could not be avoided. `interior` ones are none in convolutional networks. */
  readonly transpositions: readonly Transposition[];
  /** Nodes of a quantized model that compute in float between DEQUANTIZE and QUANTIZE, and why. */
  readonly float: Lowered['float'];
}

/** What {@link toTflite} gives. */
export interface TfliteFile {
  /** The `.tflite` file. */
  readonly bytes: Uint8Array;
  readonly record: TfliteRecord;
}

const schema = z.strictObject({
  weights: z.literal(['float32', 'float16']).default('float32'),
  batch: z.int().min(1).default(1),
  inputDims: z.record(z.string(), z.array(z.int().min(1))).default({}),
  imageLayout: z.literal(['NHWC', 'model']).default('NHWC'),
  description: z.string().optional(),
});

/**
 * Converts a model to a TensorFlow Lite (LiteRT) file.
 *
 * Sizes are fixed (`batch`, `inputDims`), constants folded and BatchNormalization folded into the layers before. Images
 * are kept with channels last from end to end: transpositions cancel, weights and axes are rearranged instead of values,
 * so a convolutional network has none inside. Padding becomes SAME where that is the same, else an operator of its own;
 * Relu and Clip become part of the layer before them. A model in QDQ form, such as `quantizeStatic` makes, becomes int8
 * (uint8 activations shifted by 128, weights int8 per channel, biases int32); what has no int8 kernel that rounds once
 * computes in float, and `record.float` names it. float16 models compute in float32.
 *
 * Names of inputs and outputs stay, also in the signature `serving_default`; `metadata_props` become metadata of the
 * file. The given model is not changed.
 *
 * Format: TFLite schema version 3, identifier TFL3.
 *
 * @throws PerceptError `OPTIMIZE_TFLITE_UNSUPPORTED`, naming node and operator, for what TFLite cannot compute;
 *   `OPTIMIZE_TFLITE_DYNAMIC_SHAPE` for sizes that stay unknown; `OPTIMIZE_TFLITE_TOO_LARGE` beyond 2 GiB;
 *   `ONNX_OPSET_UNCONVERTIBLE` and `ONNX_SHAPE_INVALID` for models that are not sound; `INVALID_ARGUMENT`
 */
export function toTflite(model: Model, options: ToTfliteOptions = {}): TfliteFile {
  const { weights, batch, inputDims, imageLayout, description } = parseOptions(schema, options, 'toTflite() options');
  const fixed = withFixedSizes(model, { batch, inputDims });
  const types = inferTypes(fixed).values;
  recogniseActivations(fixed.graph);
  const { graph, transpositions, float } = lower(fixed.graph, types, operatorLowerings, imageLayout);
  fuseActivations(graph);
  dropUnused(graph);
  if (weights === 'float16') halveWeights(graph);
  const values = (indices: readonly number[]): TfliteValue[] =>
    indices.map((index) => {
      const { name, type, shape } = graph.tensors[index]!;
      return { name, type, dims: shape };
    });
  const [inputs, outputs] = [values(graph.inputs), values(graph.outputs)];
  const bytes = writeTfliteFile(graph, {
    name: fixed.graph.name || 'main',
    description: description ?? (model.docString || `${fixed.graph.name || 'model'}, converted from ONNX by percept`),
    metadata: model.metadata,
    inputNames: inputs.map(({ name }) => name),
    outputNames: outputs.map(({ name }) => name),
  });
  const operators: Partial<Record<BuiltinOperator, number>> = {};
  for (const { operator } of graph.operators) operators[operator] = (operators[operator] ?? 0) + 1;
  return { bytes, record: { inputs, outputs, operators, transpositions, float } };
}
