import { type Tensor, tensor } from '@percept/core';

/** The first images of a batch `[N, …]`, on the same memory. */
export function firstImages(batch: Tensor<'float32'>, count: number): Tensor<'float32'> {
  const perImage = batch.data.length / batch.dims[0]!;
  return tensor('float32', [count, ...batch.dims.slice(1)], batch.data.subarray(0, count * perImage));
}
