import { type LongCallOptions, PerceptError, type Tensor } from '@percept/core';
import { cloneWithRawTensors } from '../clone-model.js';
import type { Model } from '../model.js';
import { type ExternalData, isExternal, type RawTensor } from '../model-tensors.js';
import { makeTensor, rawLength } from '../tensor-proto.js';
import { Sha1 } from './sha1.js';

/** A tensor whose elements lie in another file. */
export type ExternalTensor = RawTensor & { readonly raw: ExternalData };

/**
 * Bytes that the elements of an external tensor take in their file.
 *
 * @throws PerceptError `ONNX_EXTERNAL_DATA_INVALID` when the model does not tell, or tells two things
 */
export function externalLength({ type, dims, raw }: ExternalTensor): number {
  const expected = typeof type === 'number' || type === 'string' ? undefined : rawLength(type, dims);
  const length = raw.length ?? expected;
  if (length === undefined || (expected !== undefined && length !== expected)) {
    throw invalid(
      raw,
      `${expected ?? 'a known number of'} bytes of ${type} for shape [${dims.join(', ')}]`,
      `${length}`,
    );
  }
  return length;
}

/**
 * Reads the elements of an external tensor chunk by chunk, in the layout of `raw_data`.
 *
 * @throws PerceptError `ONNX_EXTERNAL_DATA_INVALID` when the file ends before the elements do; `INVALID_ARGUMENT` when it
 *   is not known where the file is (open the model with `openModel`); what the storage throws
 */
export async function* streamExternalData(
  tensor: ExternalTensor,
  { signal }: Pick<LongCallOptions, 'signal'> = {},
): AsyncGenerator<Uint8Array> {
  const { source, offset = 0, location } = tensor.raw;
  const length = externalLength(tensor);
  if (source === undefined) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected a tensor of a model opened with openModel() but received one of which only the location ${JSON.stringify(location)} is known`,
    );
  }
  const { storage, key, version } = source;
  let received = 0;
  if (length > 0) {
    const range = { start: offset, end: offset + length };
    for await (const chunk of storage.readStream(key, { range, ifMatch: version, signal })) {
      received += chunk.length;
      yield chunk;
    }
  }
  if (received !== length) throw tooShort(tensor, received);
}

/**
 * Reads the elements of an external tensor into memory.
 *
 * @throws PerceptError as {@link streamExternalData}
 */
export async function readExternalData(
  tensor: ExternalTensor,
  options: Pick<LongCallOptions, 'signal'> = {},
): Promise<Tensor | RawTensor> {
  const bytes = reserve(tensor);
  let at = 0;
  for await (const chunk of streamExternalData(tensor, options)) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { ...makeTensor(tensor.type, tensor.dims, bytes, false), ...(tensor.info && { info: tensor.info }) };
}

/** Memory for the elements. Not before the file is known to be long enough: a damaged model may claim any number. */
function reserve(tensor: ExternalTensor): Uint8Array<ArrayBuffer> {
  const length = externalLength(tensor);
  const { offset = 0, source } = tensor.raw;
  if (source?.size !== undefined && offset + length > source.size) throw tooShort(tensor, source.size - offset);
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new PerceptError(
      'ONNX_EXTERNAL_DATA_INVALID',
      `Expected a tensor that fits into memory but received ${length} bytes in ${JSON.stringify(tensor.raw.location)}. Read it in pieces with streamExternalData()`,
      { cause, details: { location: tensor.raw.location } },
    );
  }
}

/** The external tensors of a model, wherever they stand. */
export function externalTensors(model: Model): ExternalTensor[] {
  const found: ExternalTensor[] = [];
  cloneWithRawTensors(model, (tensor) => {
    if (isExternal(tensor)) found.push(tensor);
    return tensor;
  });
  return found;
}

/**
 * Checks the files of weights that the model names a checksum for (SHA-1 of the whole file, as ONNX has it), reading each
 * once. Files without one are not read.
 *
 * @returns the keys of the files that were checked
 * @throws PerceptError `ONNX_EXTERNAL_DATA_INVALID` when a file is another one; `INVALID_ARGUMENT` and what the storage
 *   throws as {@link streamExternalData}
 */
export async function verifyExternalData(
  model: Model,
  { signal, onProgress }: LongCallOptions = {},
): Promise<string[]> {
  const files = new Map<string, ExternalData>();
  for (const { raw } of externalTensors(model)) {
    if (raw.checksum !== undefined) files.set(`${raw.source?.key} ${raw.checksum.toLowerCase()}`, raw);
  }
  let done = 0;
  for (const raw of files.values()) {
    if (raw.source === undefined) {
      throw new PerceptError('INVALID_ARGUMENT', 'Expected a model opened with openModel() but received another one');
    }
    const { storage, key, version } = raw.source;
    const hash = new Sha1();
    for await (const chunk of storage.readStream(key, { ifMatch: version, signal })) {
      hash.update(chunk);
      done += chunk.length;
      onProgress?.({ stage: 'verify weights', done, unit: 'bytes' });
    }
    const digest = hash.hex();
    if (digest !== raw.checksum!.toLowerCase()) throw invalid(raw, `SHA-1 ${raw.checksum}`, digest);
  }
  return [...files.values()].map((raw) => raw.source!.key);
}

function tooShort(tensor: ExternalTensor, received: number): PerceptError {
  const { raw } = tensor;
  return invalid(raw, `${externalLength(tensor)} bytes from ${raw.offset ?? 0} on`, `${Math.max(0, received)}`);
}

function invalid(raw: ExternalData, expected: string, received: string): PerceptError {
  return new PerceptError(
    'ONNX_EXTERNAL_DATA_INVALID',
    `Expected ${expected} in ${JSON.stringify(raw.location)} but received ${received}. Fetch the weights that belong to the model`,
    { details: { location: raw.location } },
  );
}
