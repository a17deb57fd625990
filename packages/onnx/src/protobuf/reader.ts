import { PerceptError } from '@percept/core';
import { decodeText } from './utf8.js';

/** The wire types of protocol buffers. */
export const wire = { varint: 0, fixed64: 1, delimited: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** Groups nested deeper than this are refused, as protocol buffers do. */
const maximumGroups = 100;

/** A refusal of bytes that are no model. */
export function malformed(what: string): PerceptError {
  return new PerceptError(
    'ONNX_MODEL_MALFORMED',
    `Expected a serialized ONNX model but ${what}. Check that the file is whole and not compressed`,
  );
}

/** Reads the wire format of protocol buffers. Whatever is read lies inside the bytes, or `ONNX_MODEL_MALFORMED` is thrown. */
export class WireReader {
  readonly bytes: Uint8Array;
  at = 0;
  /** The two halves of the varint read last. */
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  /** Field number times 8 plus wire type. */
  tag(): number {
    const byte = this.bytes[this.at]!;
    if (byte >= 8 && byte < 0x80) {
      this.at++;
      return byte;
    }
    this.#varint();
    const tag = this.#low >>> 0;
    if (this.#high !== 0 || tag < 8) throw malformed(`a field with number ${tag >>> 3} was found`);
    return tag;
  }

  /** An int64: a number where that is exact, else a bigint. */
  int64(): number | bigint {
    this.#varint();
    const number = (this.#high | 0) * 0x100000000 + (this.#low >>> 0);
    if (Number.isSafeInteger(number)) return number;
    return BigInt.asIntN(64, (BigInt(this.#high >>> 0) << 32n) | BigInt(this.#low >>> 0));
  }

  /** An int32 (or an enum), which writers may give as 64 bits. */
  int32(): number {
    this.#varint();
    return this.#low | 0;
  }

  float(): number {
    const at = this.#take(4);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 4).getFloat32(0, true);
  }

  text(): string {
    return decodeText(this.span());
  }

  /** A length and as many bytes: a view of them. */
  span(): Uint8Array {
    const { bytes } = this;
    const byte = bytes[this.at]!;
    if (byte < 0x80 && this.at + byte < bytes.length) {
      const start = this.at + 1;
      this.at = start + byte;
      return bytes.subarray(start, this.at);
    }
    this.#varint();
    if (this.#high !== 0) throw malformed('its bytes end inside a field');
    const length = this.#low >>> 0;
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Passes a field by. */
  skip(tag: number, depth = 0): void {
    const type = tag & 7;
    if (type === wire.varint) this.#varint();
    else if (type === wire.fixed64) this.#take(8);
    else if (type === wire.delimited) this.span();
    else if (type === wire.fixed32) this.#take(4);
    else if (type === wire.startGroup && depth < maximumGroups) this.#skipGroup(tag, depth);
    else throw malformed(`a field of wire type ${type} was found`);
  }

  /** Every varint to the end: their low halves, and their high halves where asked for. */
  varints(low: Uint32Array, stride: number): void {
    for (let index = 0; index < low.length; index += stride) {
      this.#varint();
      low[index] = this.#low;
      if (stride === 2) low[index + 1] = this.#high;
    }
  }

  #skipGroup(tag: number, depth: number): void {
    for (;;) {
      const next = this.tag();
      if ((next & 7) === wire.endGroup) {
        if (next >>> 3 === tag >>> 3) return;
        throw malformed('a group ends that was not begun');
      }
      this.skip(next, depth + 1);
    }
  }

  #take(length: number): number {
    const { at } = this;
    if (length > this.bytes.length - at) throw malformed('its bytes end inside a field');
    this.at += length;
    return at;
  }

  #varint(): void {
    const { bytes } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.at >= bytes.length) throw malformed('its bytes end inside a field');
      const byte = bytes[this.at++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift > 28) high |= bits << (shift - 32);
      else {
        low |= bits << 28;
        high |= bits >>> 4;
      }
      if (byte < 0x80) {
        this.#low = low;
        this.#high = high;
        return;
      }
    }
    throw malformed('an integer of more than ten bytes was found');
  }
}
