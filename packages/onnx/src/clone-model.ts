import type { Model } from './model.js';
import type { RawTensor } from './model-tensors.js';

/**
 * A copy of a model that may be edited freely: every object, list and map is new. Only the contents of tensors are
 * shared with the original, so replace a tensor rather than write into its data.
 */
export function cloneModel(model: Model): Model {
  return clone(model, (tensor) => tensor) as Model;
}

/** As {@link cloneModel}, with other tensors for those that a `Tensor` cannot hold, wherever they stand. */
export function cloneWithRawTensors(model: Model, replace: (tensor: RawTensor) => unknown): Model {
  return clone(model, replace) as Model;
}

function clone(value: unknown, replace: (tensor: RawTensor) => unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (isTensor(value)) return 'raw' in value ? replace(value as RawTensor) : value;
  const copy = (item: unknown): unknown => clone(item, replace);
  if (Array.isArray(value)) return value.map(copy);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, copy(item)]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
}

/** Tensors are immutable, so they are shared. */
function isTensor(value: object): boolean {
  return 'dims' in value && Array.isArray(value.dims) && ('data' in value || 'raw' in value);
}
