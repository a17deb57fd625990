// The typed fields of TensorProto (`float_data`, `int32_data`, …) and the layout of `raw_data`, turned into each other.
import { type ElementType, rawElementBits } from './element-types.js';
import { WireReader } from './protobuf/reader.js';
import { WireWriter } from './protobuf/writer.js';

/** The typed field of a TensorProto that holds the elements of a type. */
export function typedField(type: ElementType): 'floatData' | 'doubleData' | 'int64Data' | 'uint64Data' | 'int32Data' {
  if (type === 'float32' || type === 'complex64') return 'floatData';
  if (type === 'float64' || type === 'complex128') return 'doubleData';
  if (type === 'int64') return 'int64Data';
  return type === 'uint64' || type === 'uint32' ? 'uint64Data' : 'int32Data';
}

/** Bytes of the integers that each entry of a typed field stands for in `raw_data`, by element type. */
function entrySize(type: ElementType): number {
  if (type === 'int64' || type === 'uint64') return 8;
  if (type === 'int32' || type === 'uint32') return 4;
  return type.endsWith('16') ? 2 : 1;
}

function isFloat6(type: ElementType): boolean {
  return type === 'float6e2m3' || type === 'float6e3m2';
}

/** Turns the payload of a typed field into the layout of `raw_data`. */
export function typedToRaw(type: ElementType, payload: Uint8Array): Uint8Array {
  if (!typedField(type).includes('int')) return payload;
  let count = 0;
  for (let at = 0; at < payload.length; at++) if (payload[at]! < 0x80) count++;
  const size = entrySize(type);
  const words = new Uint32Array(size === 8 ? 2 * count : count);
  new WireReader(payload).varints(words, size === 8 ? 2 : 1);
  if (size >= 4) return new Uint8Array(words.buffer);
  if (size === 2) return new Uint8Array(Uint16Array.from(words).buffer);
  const bytes = Uint8Array.from(words);
  return isFloat6(type) ? packFloat6(bytes) : bytes;
}

/** The inverse of {@link typedToRaw}, for `count` elements. */
export function rawToTyped(type: ElementType, raw: Uint8Array, count: number): Uint8Array {
  if (!typedField(type).includes('int')) return raw;
  const writer = new WireWriter();
  const entries = isFloat6(type) ? unpackFloat6(raw, count) : integersOf(type, raw);
  for (let index = entries.length - 1; index >= 0; index--) writer.int64(entries[index]!);
  return writer.concat();
}

const signedTypes = { 1: Int8Array, 2: Int16Array, 4: Int32Array, 8: BigInt64Array } as const;
const unsignedTypes = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array } as const;

function integersOf(type: ElementType, raw: Uint8Array): ArrayLike<number> | ArrayLike<bigint> {
  const signed = type === 'int8' || type === 'int16' || type === 'int32' || type === 'int64';
  const ArrayType = (signed ? signedTypes : unsignedTypes)[entrySize(type) as 1 | 2 | 4 | 8];
  return new ArrayType(new Uint8Array(raw).buffer);
}

/** Elements of six bits as a stream of bits, the first in the lowest. */
function packFloat6(elements: Uint8Array): Uint8Array {
  const bits = rawElementBits.float6e2m3;
  const bytes = new Uint8Array(Math.ceil((elements.length * bits) / 8));
  for (let index = 0; index < elements.length; index++) {
    const at = index * bits;
    const shifted = (elements[index]! & 0x3f) << (at & 7);
    bytes[at >> 3]! |= shifted;
    if (shifted > 0xff) bytes[(at >> 3) + 1]! |= shifted >> 8;
  }
  return bytes;
}

function unpackFloat6(bytes: Uint8Array, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => {
    const at = index * rawElementBits.float6e2m3;
    return (((bytes[at >> 3] ?? 0) | ((bytes[(at >> 3) + 1] ?? 0) << 8)) >> (at & 7)) & 0x3f;
  });
}
