import { PerceptError } from '@percept/core';

/** A 64-bit integer of a file as a number, where that loses nothing. */
export function safeInteger(value: bigint | number, what: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new PerceptError('ONNX_MODEL_MALFORMED', `Expected an integer below 2^53 for ${what} but received ${value}`);
  }
  return number;
}

/** A number that a 64-bit field of a file can hold. */
export function writableInteger(value: number, what: string): number {
  if (Number.isSafeInteger(value)) return value;
  throw new PerceptError('ONNX_MODEL_UNWRITABLE', `Expected a safe integer for ${what} but received ${value}`);
}
