import type { Tensor } from '@percept/core';

/** A tensor with the same contents in memory of its own, which holds nothing else and is not shared with other threads. */
export function copyTensor({ type, dims, data }: Tensor): Tensor {
  // Not `data.slice()`: the one of Buffer makes a view.
  const copy = Array.isArray(data) ? [...data] : Uint8Array.prototype.slice.call(data);
  return { type, dims: [...dims], data: copy } as Tensor;
}
