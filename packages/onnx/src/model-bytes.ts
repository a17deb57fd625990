import { describeValue, PerceptError } from '@percept/core';

/** Checks that a caller without types gave bytes: a path or an ArrayBuffer is an easy mistake. */
export function checkModelBytes(bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  throw new PerceptError(
    'INVALID_ARGUMENT',
    `Expected the bytes of a model as a Uint8Array but received ${describeValue(bytes)}. Read the file first, or wrap an ArrayBuffer in new Uint8Array()`,
  );
}
