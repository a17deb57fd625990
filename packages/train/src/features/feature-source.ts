import {
  type Batch,
  type BatchSource,
  elementCount,
  keyedPermutation,
  type Tensor,
  throwIfAborted,
} from '@percept/core';

/** The features of one pass over the data. */
export interface FeatureView {
  readonly keys: readonly string[];
  /** `[samples, …]`. */
  readonly features: Tensor<'float32'>;
  /** `[samples, …]`. */
  readonly labels: Batch['labels'];
}

/** How features become batches again. */
export interface FeatureSourceOptions {
  readonly classes: readonly string[];
  readonly batchSize: number;
  readonly batchesPerEpoch: number;
  /** Keys the order of the epochs; `undefined` keeps that of the views. */
  readonly shuffleSeed: number | undefined;
  readonly fingerprint: string;
}

/** Batches of stored features. Epoch e sees view e modulo their number, in an order of its own. */
export function featureSource(views: readonly FeatureView[], options: FeatureSourceOptions): BatchSource {
  const { classes, batchSize, batchesPerEpoch, shuffleSeed, fingerprint } = options;
  return {
    classes,
    batchesPerEpoch,
    fingerprint,
    async *batches({ epoch, start = 0, signal }) {
      const view = views[epoch % views.length]!;
      const count = view.keys.length;
      const order = shuffleSeed === undefined ? undefined : keyedPermutation(count, shuffleSeed, 'features', epoch);
      // Sources of unequal batches are dealt out evenly, so that no image is left out.
      const regular = Math.ceil(count / batchSize) === batchesPerEpoch;
      const firstRow = (batch: number): number =>
        regular ? Math.min(count, batch * batchSize) : Math.floor((batch * count) / batchesPerEpoch);
      for (let batch = start; batch < batchesPerEpoch; batch++) {
        throwIfAborted(signal);
        const length = firstRow(batch + 1) - firstRow(batch);
        const rows = Array.from({ length }, (_, at) => firstRow(batch) + at);
        yield rowsOf(view, order === undefined ? rows : rows.map((row) => order.at(row)));
      }
    },
  };
}

function rowsOf({ keys, features, labels }: FeatureView, rows: readonly number[]): Batch {
  return { keys: rows.map((row) => keys[row]!), inputs: gather(features, rows), labels: gather(labels, rows) };
}

function gather<T extends Tensor<'float32'> | Tensor<'int64'>>({ type, dims, data }: T, rows: readonly number[]): T {
  const width = elementCount(dims.slice(1));
  const gathered = new (data.constructor as Float32ArrayConstructor)(rows.length * width);
  for (const [at, row] of rows.entries()) {
    gathered.set((data as Float32Array).subarray(row * width, (row + 1) * width), at * width);
  }
  return { type, dims: [rows.length, ...dims.slice(1)], data: gathered } as unknown as T;
}
