// As much of the wire format of Protocol Buffers as event files need: messages are lists of fields, in ascending order.
// https://protobuf.dev/programming-guides/encoding/
import { concatBytes } from '@percept/core';

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 };

/** An integer of 0 to 2^53 - 1. */
export function varintField(field: number, value: number): Uint8Array {
  return concatBytes([varint(field * 8 + wire.varint), varint(value)]);
}

/** Bytes, UTF-8 text, or the fields of a message. */
export function bytesField(field: number, value: Uint8Array | string | readonly Uint8Array[]): Uint8Array {
  const bytes =
    typeof value === 'string'
      ? new TextEncoder().encode(value)
      : value instanceof Uint8Array
        ? value
        : concatBytes([...value]);
  return concatBytes([varint(field * 8 + wire.bytes), varint(bytes.length), bytes]);
}

/** A number in four bytes. */
export function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concatBytes([varint(field * 8 + wire.fixed32), bytes]);
}

/** A number in eight bytes. */
export function doubleField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return concatBytes([varint(field * 8 + wire.fixed64), bytes]);
}

/** Seven bits a byte, the lowest first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  // Steps may be above 2^32, so no bit operators.
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
