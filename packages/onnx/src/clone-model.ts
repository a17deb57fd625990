import type { Model } from './model.js';

/**
 * A copy of a model that may be edited freely: every object, list and map is new. Only the contents of tensors are
 * shared with the original, so replace a tensor rather than write into its data.
 */
export function cloneModel(model: Model): Model {
  return clone(model) as Model;
}

/** As `cloneModel`, of a part of a model. */
function clone(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (isTensor(value)) return value;
  if (Array.isArray(value)) return value.map(clone);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, clone(item)]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clone(item)]));
}

/** Tensors are immutable, so they are shared. */
function isTensor(value: object): boolean {
  return 'dims' in value && Array.isArray(value.dims) && ('data' in value || 'raw' in value);
}
