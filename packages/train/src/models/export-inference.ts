import { parseOptions } from '@percept/core';
import { cloneModel, type Model, type PerceptMetadata, readMetadata, withMetadata } from '@percept/onnx';
import { assertValidModel, simplifyModel } from '@percept/onnx/graph';
import * as z from 'zod';
import { type FinalActivation, putBackActivation, removedActivation } from './final-activation.js';
import { inferenceForm } from './inference-form.js';

/** Options of {@link exportInference}. */
export interface ExportInferenceOptions {
  /**
   * What turns the logits into the model's output. Default: the activation that `fromOnnx` took off, under the old name
   * of the output; none for other models.
   */
  activation?: FinalActivation | 'none';
  /** Written into the model, beside what it says already. */
  metadata?: PerceptMetadata;
}

const schema = z.strictObject({
  activation: z.enum(['Softmax', 'LogSoftmax', 'Sigmoid', 'none']).optional(),
  metadata: z.custom<PerceptMetadata>((value) => typeof value === 'object' && value !== null, 'metadata').optional(),
});

/**
 * The model to ship: BatchNormalization in its inference form, no Dropout, nothing that no output needs, the final
 * activation put back, and the metadata that `readMetadata` gives and serving and monitoring read. The given model is not
 * changed; weights are shared with it.
 *
 * @throws PerceptError `ONNX_METADATA_INVALID` when the model's own metadata is broken, `TRAIN_MODEL_INVALID` when the
 *   note of `fromOnnx` is, `INVALID_ARGUMENT` for options or new metadata of another form, `ONNX_MODEL_INVALID` when what
 *   came out is no valid ONNX model
 */
export function exportInference(model: Model, options: ExportInferenceOptions = {}): Model {
  const { activation, metadata = {} } = parseOptions(schema, options, 'exportInference() options');
  // Broken metadata must not be shipped.
  readMetadata(model);
  const noted = removedActivation(model);
  const copy = cloneModel(model);
  inferenceForm(copy);
  const { model: clean } = simplifyModel(copy);
  const wanted =
    activation === undefined
      ? noted
      : activation === 'none'
        ? undefined
        : { opType: activation, output: noted?.output ?? 'probabilities' };
  putBackActivation(clean, wanted);
  assertValidModel(clean);
  return withMetadata(clean, metadata);
}
