// Features on disk: parts of a view as ONNX files without nodes, each written whole, so that an interrupted pass goes on
// after the last part.
import { PerceptError, type Tensor } from '@percept/core';
import { GraphBuilder, readModel, writeModel } from '@percept/onnx';
import type { Storage } from '@percept/storage';
import * as z from 'zod';
import type { FeatureView } from './feature-source.js';

/** Some batches of a view. */
export interface FeaturePart extends FeatureView {
  /** Batches of the view up to the end of this part. */
  readonly batches: number;
  /** Images in the view's first batch. */
  readonly batchSize: number;
}

const metadataKey = 'percept.features';
const schema = z.object({ keys: z.array(z.string()), batches: z.int().min(1), batchSize: z.int().min(1) });

const tensors = z.object({
  features: z.custom<Tensor<'float32'>>((value) => (value as Tensor | undefined)?.type === 'float32'),
  labels: z.custom<FeatureView['labels']>((value) =>
    ['float32', 'int64'].includes((value as Tensor | undefined)?.type ?? ''),
  ),
});

/** The parts of the views of one backbone on one source of data. */
export class FeatureStore {
  readonly #storage: Storage;
  readonly #prefix: string;

  /** `prefix` names backbone, data and augmentation: another one has other features. */
  constructor(storage: Storage, prefix: string) {
    this.#storage = storage;
    this.#prefix = prefix;
  }

  /**
   * Reads a part; `undefined` when there is none.
   *
   * @throws PerceptError `TRAIN_FEATURES_INVALID` when the object is no part of features
   */
  async read(view: number, part: number): Promise<FeaturePart | undefined> {
    const key = this.#key(view, part);
    if ((await this.#storage.stat(key)) === undefined) return undefined;
    const stored = parsePart(await this.#storage.read(key));
    if (stored instanceof Error) {
      throw new PerceptError(
        'TRAIN_FEATURES_INVALID',
        `Expected features in ${key} of ${this.#storage.description} but it cannot be read as such. Delete it to compute them anew`,
        { details: { key }, cause: stored },
      );
    }
    return stored;
  }

  async write(view: number, part: number, { features, labels, ...rest }: FeaturePart): Promise<void> {
    const g = new GraphBuilder('features');
    g.initializer('features', features);
    g.initializer('labels', labels);
    const metadata = { [metadataKey]: JSON.stringify(rest) };
    await this.#storage.write(this.#key(view, part), writeModel(g.build({ metadata })));
  }

  #key(view: number, part: number): string {
    return `${this.#prefix}/view-${String(view).padStart(3, '0')}/part-${String(part).padStart(5, '0')}.onnx`;
  }
}

/** A stored part, or why it is none. */
function parsePart(bytes: Uint8Array): FeaturePart | Error {
  try {
    const { graph, metadata } = readModel(bytes);
    const { features, labels } = tensors.parse(Object.fromEntries(graph.initializers));
    const rest = schema.parse(JSON.parse(metadata[metadataKey] ?? 'null'));
    const rows = [features.dims[0], labels.dims[0], rest.keys.length];
    return new Set(rows).size === 1 ? { ...rest, features, labels } : new RangeError(`rows ${rows.join(', ')}`);
  } catch (cause) {
    return cause as Error;
  }
}
