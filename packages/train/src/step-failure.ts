import { isPerceptError, PerceptError } from '@percept/core';

/** Codes of the runtime's errors that say by themselves what to do. */
const clear: readonly string[] = ['MISSING_PEER', 'ONNX_PROVIDER_UNAVAILABLE'];

/** What a failing run of a step graph means to whoever trains: a batch that does not fit, or a runtime that failed. */
export function stepFailure(error: unknown): unknown {
  if (!isPerceptError(error) || !error.code.startsWith('ONNX_') || clear.includes(error.code)) return error;
  const details = { code: error.code };
  if (error.code === 'ONNX_FEED_INVALID') {
    return new PerceptError(
      'TRAIN_DATA_INVALID',
      `Expected images and labels that fit the model and the loss: ${error.message}. Labels come in the shape that the loss compares with: [N] class indices, or one number for every score`,
      { details, cause: error },
    );
  }
  return new PerceptError(
    'TRAIN_STEP_FAILED',
    `Expected the runtime to run the training step but it did not: ${error.message}`,
    { details, cause: error },
  );
}
