import { type ModelResolver, PerceptError, type ResolvedModel } from '@percept/core';
import { modelDigest } from '@percept/onnx';

/** A resolver whose one address can be pointed elsewhere. */
export class FakeResolver implements ModelResolver {
  /** Times that bytes were read. */
  reads = 0;
  #current: ResolvedModel | undefined;

  /** Points the address to these bytes; `undefined` makes it fail. */
  async point(version: number, bytes: Uint8Array | undefined): Promise<void> {
    this.#current =
      bytes === undefined ? undefined : { bytes, name: 'colors', version, digest: await modelDigest(bytes) };
  }

  async resolve(): Promise<ResolvedModel> {
    this.reads++;
    return this.currentVersion();
  }

  async currentVersion(): Promise<ResolvedModel> {
    if (this.#current === undefined) throw new PerceptError('INVALID_ARGUMENT', 'Expected a known alias');
    return this.#current;
  }
}
