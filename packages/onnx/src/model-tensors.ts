import type { Tensor } from '@percept/core';
import type { Storage } from '@percept/storage';
import type { ElementType } from './element-types.js';
import type { Kept } from './wire-hints.js';

/**
 * A tensor as the file holds it (TensorProto), for what a {@link Tensor} cannot hold: element types without a
 * JavaScript array, and elements that lie in another file. Told apart from a `Tensor` by `raw`.
 */
export interface RawTensor {
  /** A number where it is a type of a later ONNX (or 0: none given). */
  readonly type: ElementType | number;
  readonly dims: readonly number[];
  /**
   * The elements in the layout of `raw_data` (little-endian, dense, row-major; 4-bit and 2-bit elements packed from the
   * least significant bits on), or the place where they lie.
   */
  readonly raw: Uint8Array | ExternalData;
  readonly info?: TensorInfo;
}

/** Where the elements of a tensor lie (`external_data`). */
export interface ExternalData {
  /** Path of the file, relative to the folder of the model file. */
  readonly location: string;
  /** First byte. Default 0. */
  readonly offset?: number;
  /** Bytes; absent: to the end of the file. */
  readonly length?: number;
  /** SHA-1 of the whole file, hexadecimal, where the model gives it. */
  readonly checksum?: string;
  /** Further keys of `external_data`. */
  readonly extra?: Readonly<Record<string, string>>;
  /**
   * The object that `location` means, and the version of it that belongs to the model where the storage tells versions
   * apart; `openModel` sets it, with the bytes that the object has. Without it the elements cannot be read.
   */
  readonly source?: {
    readonly storage: Storage;
    readonly key: string;
    readonly version?: string;
    readonly size?: number;
  };
}

/** A tensor that gives only its non-zero elements (SparseTensorProto, COO format). */
export interface SparseTensor extends Kept {
  /** `[NNZ]`; its name is the name of the sparse tensor. */
  values: Tensor | RawTensor;
  /** `[NNZ]` indices into the flattened dense tensor, or `[NNZ, rank]`; ascending. */
  indices: Tensor | RawTensor;
  /** Shape of the dense tensor. */
  dims: number[];
}

/** What a TensorProto says beside its elements. It travels on the tensor: `tensorInfo(tensor)`. */
export interface TensorInfo extends Kept {
  /** The name of a tensor that is an attribute's value; initializers are named by their map. */
  readonly name?: string;
  readonly docString?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** The elements lie in the typed fields (`float_data`, …) instead of `raw_data`. */
  readonly typed?: boolean;
  /** The part of a tensor in pieces that this is. */
  readonly segment?: { readonly begin: number; readonly end: number };
}

/** Whether a tensor is a {@link RawTensor}. */
export function isRawTensor(tensor: Tensor | RawTensor): tensor is RawTensor {
  return 'raw' in tensor;
}

/** Whether a tensor's elements lie in another file. */
export function isExternal(tensor: Tensor | RawTensor): tensor is RawTensor & { readonly raw: ExternalData } {
  return isRawTensor(tensor) && !(tensor.raw instanceof Uint8Array);
}

/** What the file says of a tensor beside its elements, where it says anything. */
export function tensorInfo(tensor: Tensor | RawTensor): TensorInfo | undefined {
  return (tensor as RawTensor).info;
}
