import { type LongCallOptions, PerceptError, parseOptions, type Tensor } from '@percept/core';
import type { Storage } from '@percept/storage';
import * as z from 'zod/mini';
import { cloneWithRawTensors } from '../clone-model.js';
import { orderedInitializers, setInitializers } from '../initializers.js';
import type { Model } from '../model.js';
import { isExternal, isRawTensor, type RawTensor } from '../model-tensors.js';
import { graphsOf } from '../model-walk.js';
import { tensorBytes } from '../tensor-bytes.js';
import { encodeModel } from '../write-model.js';
import { externalKey } from './location.js';
import { type ExternalTensor, externalLength, externalTensors, streamExternalData } from './read.js';
import { Sha1 } from './sha1.js';

/** Options of {@link saveModel}. */
export interface SaveModelOptions extends LongCallOptions {
  /**
   * Weights of at least this many bytes go to the file of weights. Default: only those that lie in a file of weights
   * already. (The reference implementation uses 1024.)
   */
  readonly minExternalBytes?: number;
  /** Path of the file of weights, relative to the model's folder. Default: the model's file name and `.data`. */
  readonly location?: string;
  /**
   * Every tensor begins at a multiple of this many bytes. Default 4096, which lets runtimes map the file into memory
   * (65536 on Windows).
   */
  readonly alignment?: number;
  /** Writes the SHA-1 of the file of weights into the model, as ONNX has it. Default `false`. */
  readonly checksum?: boolean;
}

/** What {@link saveModel} wrote. */
export interface SavedModel {
  /** Bytes of the model file. */
  readonly bytes: number;
  /** Key of the file of weights, if there is one. */
  readonly externalKey?: string;
  /** Bytes of the file of weights. */
  readonly externalBytes: number;
}

const schema = z.object({
  minExternalBytes: z.optional(z.number().check(z.minimum(0))),
  location: z.optional(z.string()),
  alignment: z.optional(z.int().check(z.minimum(1))),
  checksum: z.optional(z.boolean()),
  signal: z.optional(z.instanceof(AbortSignal)),
  onProgress: z.optional(z.custom<LongCallOptions['onProgress']>((value) => typeof value === 'function')),
});

/** Padding is written in pieces of this size, and elements are passed on in such pieces too. */
const pieceBytes = 1 << 20;

/**
 * Writes a model to a storage, and its large weights to a file beside it (`external_data`), so that it may be larger than
 * the 2 GiB of a single file. Weights that lie in other files are streamed from there to here, never held in memory: a
 * model of any size is opened, edited and saved in little of it. Equal references to the same bytes stay shared.
 *
 * The file of weights is written first, the model last. Saving an opened model under its own key is safe with another
 * `location` than it has: the old file of weights stays, for whoever reads the old model at that moment.
 *
 * @param key - key of the model file, for example `models/classifier.onnx`
 * @throws PerceptError `ONNX_EXTERNAL_DATA_LOCATION` when `location` reaches out of the model's folder or is the file that
 *   weights of this very model are read from; `ONNX_EXTERNAL_DATA_INVALID` when such a file is too short;
 *   `ONNX_MODEL_UNWRITABLE`, `TENSOR_INVALID` as `writeModel`; `INVALID_ARGUMENT`; what the storage throws
 */
export async function saveModel(
  model: Model,
  storage: Storage,
  key: string,
  options: SaveModelOptions = {},
): Promise<SavedModel> {
  const {
    minExternalBytes = Number.POSITIVE_INFINITY,
    alignment = 4096,
    checksum = false,
    signal,
    onProgress,
  } = parseOptions(schema, options, 'saveModel options');
  const location = options.location ?? `${key.slice(key.lastIndexOf('/') + 1)}.data`;
  const layout = new Layout(location, alignment);
  const copy = cloneWithRawTensors(model, (tensor) => (isExternal(tensor) ? layout.place(tensor) : tensor));
  for (const graph of graphsOf(copy)) {
    const entries = orderedInitializers(graph).map(([name, tensor]): [string, Tensor | RawTensor] => {
      const isSmall = isExternal(tensor) || tensor.type === 'string' || tensorBytes(tensor).length < minExternalBytes;
      return [name, isSmall ? tensor : layout.place(tensor)];
    });
    setInitializers(graph, entries);
  }

  if (layout.items.length === 0) {
    return { bytes: await writeFile(storage, key, copy, signal), externalBytes: 0 };
  }
  const dataKey = externalKey(key, location);
  refuseOverwriting(model, storage, dataKey, key);
  const hash = checksum ? new Sha1() : undefined;
  await storage.write(dataKey, layout.stream(hash, { signal, onProgress }), { signal });
  const digest = hash?.hex();
  const named = digest === undefined ? copy : cloneWithRawTensors(copy, (tensor) => withChecksum(tensor, digest));
  return { bytes: await writeFile(storage, key, named, signal), externalKey: dataKey, externalBytes: layout.length };
}

function withChecksum(tensor: RawTensor, checksum: string): RawTensor {
  return isExternal(tensor) ? { ...tensor, raw: { ...tensor.raw, checksum } } : tensor;
}

async function writeFile(storage: Storage, key: string, model: Model, signal?: AbortSignal): Promise<number> {
  const writer = encodeModel(model);
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    yield* writer.pieces();
  };
  await storage.write(key, pieces(), { signal });
  return writer.length;
}

function refuseOverwriting(model: Model, storage: Storage, dataKey: string, key: string): void {
  const isSource = externalTensors(model).some(
    ({ raw }) => raw.source?.storage === storage && raw.source.key === dataKey,
  );
  if (!isSource && dataKey !== key) return;
  throw new PerceptError(
    'ONNX_EXTERNAL_DATA_LOCATION',
    `Expected a file of weights that this model does not use already but received ${JSON.stringify(dataKey)}. Set the option location to another name`,
    { details: { key: dataKey } },
  );
}

interface Item {
  readonly tensor: Tensor | RawTensor;
  readonly offset: number;
  readonly length: number;
}

/** Where each tensor comes to lie in a file of weights. */
class Layout {
  readonly items: Item[] = [];
  /** Bytes of the file. */
  length = 0;
  readonly #location: string;
  readonly #alignment: number;
  /** Tensors by the bytes that they refer to. */
  readonly #placed = new Map<unknown, Map<string, Item>>();

  constructor(location: string, alignment: number) {
    this.#location = location;
    this.#alignment = alignment;
  }

  /** Gives a tensor its place, or that of another one over the same bytes. */
  place(tensor: Tensor | RawTensor): ExternalTensor {
    const [owner, range] = identity(tensor);
    const others = this.#placed.get(owner) ?? new Map<string, Item>();
    this.#placed.set(owner, others);
    let item = others.get(range);
    if (item === undefined) {
      const length = isExternal(tensor) ? externalLength(tensor) : tensorBytes(tensor).length;
      item = { tensor, offset: Math.ceil(this.length / this.#alignment) * this.#alignment, length };
      others.set(range, item);
      this.items.push(item);
      this.length = item.offset + length;
    }
    const { typed: _, ...info } = (tensor as RawTensor).info ?? {};
    const raw = { location: this.#location, offset: item.offset, length: item.length };
    const extra = isExternal(tensor) && tensor.raw.extra ? { extra: tensor.raw.extra } : {};
    return {
      type: tensor.type,
      dims: tensor.dims,
      raw: { ...raw, ...extra },
      ...(Object.keys(info).length > 0 && { info }),
    };
  }

  /** The file, piece by piece. */
  async *stream(hash: Sha1 | undefined, { signal, onProgress }: LongCallOptions): AsyncGenerator<Uint8Array> {
    let done = 0;
    for (const { tensor, offset } of this.items) {
      for await (const piece of pad(offset - done, elements(tensor, signal))) {
        hash?.update(piece);
        done += piece.length;
        yield piece;
        onProgress?.({ stage: 'write weights', done, total: this.length, unit: 'bytes' });
      }
    }
  }
}

/** What tells the bytes of tensors apart: whose they are, and which. */
function identity(tensor: Tensor | RawTensor): [owner: unknown, range: string] {
  if (!isExternal(tensor)) {
    const { buffer, byteOffset, length } = tensorBytes(tensor);
    return [buffer, `${byteOffset} ${length}`];
  }
  const { source, location, offset = 0 } = tensor.raw;
  return [source?.storage, `${source?.key ?? location} ${offset} ${externalLength(tensor)}`];
}

async function* pad(count: number, pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let rest = count; rest > 0; rest -= pieceBytes) yield new Uint8Array(Math.min(rest, pieceBytes));
  yield* pieces;
}

async function* elements(tensor: Tensor | RawTensor, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  if (isRawTensor(tensor) && isExternal(tensor)) {
    yield* streamExternalData(tensor, { signal });
    return;
  }
  const bytes = tensorBytes(tensor);
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}
