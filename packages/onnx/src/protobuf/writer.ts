import { encodeText } from './utf8.js';

/** Longest piece that is worth copying into the running buffer instead of keeping it as a piece of its own. */
const inlineLimit = 4096;

/** Writes content into a {@link WireWriter}, in reverse. */
export type Content = (writer: WireWriter) => void;

/**
 * Writes the wire format of protocol buffers from its end to its beginning, so that the length of an embedded message
 * is known when it is needed and nothing is measured or moved afterwards. Long byte arrays are kept as pieces, not
 * copied; all methods put their bytes before what was written so far.
 */
export class WireWriter {
  /** Bytes written so far. */
  length = 0;
  #buffer: Uint8Array<ArrayBuffer>;
  #start: number;
  #end: number;
  /** Finished pieces, the last of the file first. */
  readonly #pieces: Uint8Array[] = [];

  constructor(capacity = 4096) {
    this.#buffer = new Uint8Array(capacity);
    this.#start = capacity;
    this.#end = capacity;
  }

  tag(number: number, type: number): void {
    this.varint(number * 8 + type);
  }

  /** A non-negative integer below 2^53. */
  varint(value: number): void {
    if (value < 0x80) {
      const at = this.#reserve(1);
      this.#buffer[at] = value;
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    let at = this.#reserve(size);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[at++] = (rest % 0x80) | 0x80;
    this.#buffer[at] = rest;
  }

  /** A signed integer, in as many bytes as 64 bits need. */
  int64(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0) {
      this.varint(value);
      return;
    }
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes.push(Number(rest));
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  float(value: number): void {
    const at = this.#reserve(4);
    new DataView(this.#buffer.buffer, at, 4).setFloat32(0, value, true);
  }

  text(value: string): void {
    const { length } = value;
    if (length > 64) {
      this.raw(encodeText(value));
      return;
    }
    const at = this.#reserve(length);
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) {
        this.#start += length;
        this.length -= length;
        this.raw(encodeText(value));
        return;
      }
      this.#buffer[at + index] = code;
    }
  }

  /** Bytes as they are; long ones are kept, not copied. */
  raw(bytes: Uint8Array): void {
    if (bytes.length > inlineLimit) {
      this.#flush();
      this.#pieces.push(bytes);
      this.length += bytes.length;
    } else {
      const at = this.#reserve(bytes.length);
      this.#buffer.set(bytes, at);
    }
  }

  /** What `write` writes, or bytes as they are, with their length before them. */
  delimited(content: Uint8Array | Content): void {
    const before = this.length;
    if (typeof content === 'function') content(this);
    else this.raw(content);
    this.varint(this.length - before);
  }

  /** All that was written, from beginning to end, as pieces that may be the caller's own arrays. */
  pieces(): Uint8Array[] {
    this.#flush();
    return this.#pieces.toReversed();
  }

  /** All that was written, in a new array. */
  concat(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.pieces()) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  #flush(): void {
    if (this.#start < this.#end) this.#pieces.push(this.#buffer.subarray(this.#start, this.#end));
    this.#end = this.#start;
  }

  /** Makes room, in a new buffer if need be, and tells where. */
  #reserve(size: number): number {
    if (size > this.#start) {
      this.#flush();
      this.#buffer = new Uint8Array(Math.max(size, Math.min(this.#buffer.length * 2, 1 << 20)));
      this.#start = this.#buffer.length;
      this.#end = this.#start;
    }
    this.#start -= size;
    this.length += size;
    return this.#start;
  }
}

/** The bytes that `content` writes. */
export function encodeBytes(content: Content): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter(256);
  content(writer);
  return writer.concat();
}
