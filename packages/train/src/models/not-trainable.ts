import { PerceptError } from '@percept/core';

/** The error for a model that has another form than training needs. */
export function notTrainable(expected: string, received: string, advice: string, details?: object): PerceptError {
  return new PerceptError('TRAIN_MODEL_INVALID', `Expected ${expected} but received ${received}. ${advice}`, {
    ...(details === undefined ? {} : { details: { ...details } }),
  });
}
