import type { ModelResolver, ResolvedModel } from '@percept/core';
import { modelDigest } from '@percept/onnx';

/** A model given as an address that a resolver (such as the registry's) understands; it can be reloaded. */
export interface ModelAddress {
  readonly resolver: ModelResolver;
  /** For example `models:/clothing@production`. */
  readonly uri: string;
}

/** A model given as the bytes of its ONNX file. */
export interface ModelBytes {
  readonly bytes: Uint8Array;
  /** Name to answer with; default `model`. */
  readonly name?: string;
  /** Version to answer with; default 1. */
  readonly version?: number;
}

/** Where a predictor takes a model from. */
export type ModelSource = ModelAddress | ModelBytes;

/** The model that the source points to now. */
export async function resolveSource(source: ModelSource): Promise<ResolvedModel> {
  if ('resolver' in source) return source.resolver.resolve(source.uri);
  return {
    bytes: source.bytes,
    name: source.name ?? 'model',
    version: source.version ?? 1,
    digest: await modelDigest(source.bytes),
  };
}

/** What tells one registered model from another: the same bytes may be registered twice. */
export interface ModelIdentity {
  readonly name: string;
  readonly version: number;
  readonly digest: string;
}

/** Whether the source still points to this model, found out without reading it. */
export async function stillPointsTo(source: ModelSource, current: ModelIdentity): Promise<boolean> {
  return !('resolver' in source) || sameModel(await source.resolver.currentVersion(source.uri), current);
}

/** Whether two identities are of the same registered model. */
export function sameModel(a: ModelIdentity, b: ModelIdentity): boolean {
  return a.digest === b.digest && a.name === b.name && a.version === b.version;
}
