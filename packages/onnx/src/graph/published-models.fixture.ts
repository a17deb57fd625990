// The real models under PERCEPT_DATA/models, for tests that are skipped, with a reason, where they are not at hand.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Model } from '../model.js';
import { readModel } from '../read-model.js';

// Set to nothing is not set.
const folder = process.env.PERCEPT_DATA || undefined;

/** Why tests with published models are skipped; `undefined` when they are not. */
export const noPublishedModels = folder === undefined ? 'set PERCEPT_DATA to run this on published models' : undefined;

/** What the reference implementation says of one model. */
export interface PublishedModel {
  /** Types as texts by value name, with the inputs as declared. */
  readonly declared: Readonly<Record<string, string>>;
  /** The same for a batch of one. */
  readonly batch1: Readonly<Record<string, string>>;
  /** Elements of all constants. */
  readonly parameters: number;
}

/** What is recorded of the published models, by path under PERCEPT_DATA/models. */
export function publishedModels(): ReadonlyMap<string, PublishedModel> {
  const url = new URL('../../../../test/goldens/onnx/published-models.json', import.meta.url);
  const { gzip } = JSON.parse(readFileSync(url, 'utf8')) as { gzip: string };
  return new Map(Object.entries(JSON.parse(gunzipSync(Buffer.from(gzip, 'base64')).toString('utf8'))));
}

/** One published model, by path under PERCEPT_DATA/models. */
export function readPublishedModel(path: string): Model {
  return readModel(new Uint8Array(readFileSync(join(folder!, 'models', path))));
}
