import { isPerceptError, type LongCallOptions, PerceptError, type Tensor } from '@percept/core';
import type { ObjectInfo, Storage } from '@percept/storage';
import { cloneWithRawTensors } from '../clone-model.js';
import { orderedInitializers, setInitializers } from '../initializers.js';
import type { Model } from '../model.js';
import { isExternal, isRawTensor, type RawTensor } from '../model-tensors.js';
import { graphsOf, nodesOf } from '../model-walk.js';
import { readModel } from '../read-model.js';
import { externalKey } from './location.js';
import { externalTensors, readExternalData } from './read.js';

/**
 * Reads a model file, but not the weights that it keeps in other files: those stay references (`ExternalData` with a
 * `source`), to be read by range with `readExternalData` or `streamExternalData`, or taken along by `saveModel`. So a
 * model of any size can be looked at and edited in little memory. The storage may be local or remote (HTTP, S3).
 *
 * @param key - key of the model file; its weights lie beside it or in folders below
 * @throws PerceptError `ONNX_MODEL_MALFORMED` when it is no model; `ONNX_EXTERNAL_DATA_LOCATION` when it names a file
 *   outside of its folder; what the storage throws
 */
export async function openModel(
  storage: Storage,
  key: string,
  { signal }: Pick<LongCallOptions, 'signal'> = {},
): Promise<Model> {
  const bytes = await storage.read(key, { signal });
  return locateWeights(readModelOf(bytes, `${key} of ${storage.description}`), storage, key, { signal });
}

/** `readModel`, whose refusal names the source of the bytes. */
export function readModelOf(bytes: Uint8Array, source: string): Model {
  try {
    return readModel(bytes);
  } catch (cause) {
    if (!isPerceptError(cause, 'ONNX_MODEL_MALFORMED')) throw cause;
    const details = { ...cause.details, source };
    throw new PerceptError('ONNX_MODEL_MALFORMED', `${cause.message} (read from ${source})`, { cause, details });
  }
}

/** A model whose weights in other files are known to lie beside the key that it was read from, see {@link openModel}. */
export async function locateWeights(
  model: Model,
  storage: Storage,
  key: string,
  { signal }: Pick<LongCallOptions, 'signal'>,
): Promise<Model> {
  const keys = new Set(externalTensors(model).map(({ raw }) => externalKey(key, raw.location)));
  const found = new Map<string, ObjectInfo | undefined>();
  for (const file of keys) found.set(file, await storage.stat(file, { signal }));
  return cloneWithRawTensors(model, (tensor): RawTensor => {
    if (!isExternal(tensor)) return tensor;
    const file = externalKey(key, tensor.raw.location);
    const { version, size } = found.get(file) ?? {};
    const told = { ...(version !== undefined && { version }), ...(size !== undefined && { size }) };
    return { ...tensor, raw: { ...tensor.raw, source: { storage, key: file, ...told } } };
  });
}

/**
 * The model with all weights in memory, so that `writeModel` gives one file with everything in it (below 2 GiB).
 *
 * @throws PerceptError as `streamExternalData`
 */
export async function loadExternalData(model: Model, { signal, onProgress }: LongCallOptions = {}): Promise<Model> {
  const tensors = externalTensors(model);
  const loaded = new Map<RawTensor, unknown>();
  for (const [done, tensor] of tensors.entries()) {
    onProgress?.({ stage: 'read weights', done, total: tensors.length, unit: 'tensors' });
    loaded.set(tensor, await readExternalData(tensor, { signal }));
  }
  const copy = cloneWithRawTensors(model, (tensor) => loaded.get(tensor) ?? tensor);
  for (const graph of graphsOf(copy)) if (graph.rawInitializers) setInitializers(graph, orderedInitializers(graph));
  for (const { attributes } of nodesOf(copy)) {
    for (const [name, attribute] of Object.entries(attributes)) {
      if (attribute.type !== 'rawTensor') continue;
      const value: Tensor | RawTensor = attribute.value;
      if (!isRawTensor(value)) attributes[name] = { ...attribute, type: 'tensor', value };
    }
  }
  return copy;
}
