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
    const bytes = await this.#storage.read(key);
    try {
      const { graph, metadata } = readModel(bytes);
      const [features, labels] = ['features', 'labels'].map((name) => graph.initializers.get(name));
      const rest = schema.parse(JSON.parse(metadata[metadataKey] ?? 'null'));
      if (features?.type !== 'float32' || features.dims[0] !== rest.keys.length) throw new TypeError('no features');
      if (labels === undefined || labels.dims[0] !== rest.keys.length) throw new TypeError('no labels');
      return { ...rest, features: features as Tensor<'float32'>, labels: labels as FeatureView['labels'] };
    } catch (cause) {
      throw new PerceptError(
        'TRAIN_FEATURES_INVALID',
        `Expected features in ${key} of ${this.#storage.description} but it cannot be read as such. Delete it to compute them anew`,
        { details: { key }, cause },
      );
    }
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
