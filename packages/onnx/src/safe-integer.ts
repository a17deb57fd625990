import { PerceptError } from '@percept/core';

/** A 64-bit integer of a file as a number, where that loses nothing. */
export function safeInteger(value: bigint, what: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new PerceptError('ONNX_MODEL_MALFORMED', `Expected an integer below 2^53 for ${what} but received ${value}`);
  }
  return number;
}
