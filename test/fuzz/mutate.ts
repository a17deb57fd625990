import type { Random } from '@percept/core';

/** Bytes at which parsers turn: zeros, signs, and the ends of ranges. */
const interestingBytes = [0x00, 0x01, 0x7f, 0x80, 0xc0, 0xfe, 0xff];

/** Numbers that a length, a count or an offset should not be. */
const interestingNumbers = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** A mutation: the changed bytes. It may change the ones given. */
type Mutation = (bytes: Uint8Array, random: Random, others: readonly Uint8Array[]) => Uint8Array;

const mutations: readonly Mutation[] = [
  flipBit,
  setByte,
  setByte,
  truncate,
  removeRange,
  repeatRange,
  splice,
  enlargeVarint,
  enlargeNumber,
  swapRanges,
];

/** One to eight random changes of a valid input, the same ones for the same generator. */
export function mutate(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  let mutated: Uint8Array = bytes.slice();
  // Few changes leave more of the input valid, and reach deeper.
  const count = 2 ** random.integer(0, 4);
  for (let index = 0; index < count; index++) {
    mutated = mutations[random.integer(0, mutations.length)]!(mutated, random, others);
  }
  return mutated;
}

/** A place in the bytes; half of the time near their beginning, where headers are. */
function place(length: number, random: Random): number {
  if (length === 0) return 0;
  return random.integer(0, random.boolean(0.5) ? Math.min(length, 256) : length);
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length > 0) bytes[place(bytes.length, random)]! ^= 1 << random.integer(0, 8);
  return bytes;
}

function setByte(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length > 0) {
    bytes[place(bytes.length, random)] = random.boolean(0.5)
      ? random.integer(0, 256)
      : interestingBytes[random.integer(0, interestingBytes.length)]!;
  }
  return bytes;
}

function truncate(bytes: Uint8Array, random: Random): Uint8Array {
  return bytes.subarray(0, random.integer(0, bytes.length + 1));
}

function removeRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = range(bytes.length, random);
  return join(bytes.subarray(0, start), bytes.subarray(end));
}

function repeatRange(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = range(bytes.length, random);
  return join(bytes.subarray(0, end), bytes.subarray(start));
}

/** The beginning of one input with the end of another, or a piece of another in the middle of it. */
function splice(bytes: Uint8Array, random: Random, others: readonly Uint8Array[]): Uint8Array {
  const other = others[random.integer(0, others.length)]!;
  const at = place(bytes.length, random);
  const [start, end] = range(other.length, random);
  return join(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at));
}

/** A varint of up to ten bytes, as protocol buffers have for lengths. */
function enlargeVarint(bytes: Uint8Array, random: Random): Uint8Array {
  const at = place(bytes.length, random);
  const varint = new Uint8Array(random.integer(2, 12)).fill(0xff);
  varint[varint.length - 1] = random.integer(0, 128);
  return join(bytes.subarray(0, at), varint, bytes.subarray(at + 1));
}

/** A number of 2 or 4 bytes in either order, as file headers have for lengths and sizes. */
function enlargeNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const value = interestingNumbers[random.integer(0, interestingNumbers.length)]!;
  const size = random.boolean(0.5) ? 2 : 4;
  if (bytes.length < size) return bytes;
  const at = Math.min(place(bytes.length, random), bytes.length - size);
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  if (size === 2) view.setUint16(0, value, random.boolean(0.5));
  else view.setUint32(0, value, random.boolean(0.5));
  return bytes;
}

function swapRanges(bytes: Uint8Array, random: Random): Uint8Array {
  const [start, end] = range(bytes.length, random);
  const middle = random.integer(start, end + 1);
  return join(
    bytes.subarray(0, start),
    bytes.subarray(middle, end),
    bytes.subarray(start, middle),
    bytes.subarray(end),
  );
}

/** A stretch of the bytes, short more often than long. */
function range(length: number, random: Random): [start: number, end: number] {
  const start = place(length, random);
  const longest = random.boolean(0.8) ? Math.min(32, length - start) : Math.min(4096, length - start);
  return [start, start + random.integer(0, longest + 1)];
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
