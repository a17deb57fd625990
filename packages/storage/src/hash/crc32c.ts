// CRC-32C (Castagnoli, RFC 3720 appendix B.4), eight bytes at a time by eight tables.

const polynomial = 0x82f63b78;
const tables = makeTables();

/**
 * Continues a CRC-32C over more bytes.
 *
 * @param crc - the CRC of the bytes before; 0 for none
 * @returns an unsigned 32-bit integer
 */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  let value = ~crc;
  let at = 0;
  for (; at + 8 <= end; at += 8) {
    const low = view.getInt32(at, true) ^ value;
    const high = view.getInt32(at + 4, true);
    value =
      tables[0x700 | (low & 0xff)]! ^
      tables[0x600 | ((low >>> 8) & 0xff)]! ^
      tables[0x500 | ((low >>> 16) & 0xff)]! ^
      tables[0x400 | (low >>> 24)]! ^
      tables[0x300 | (high & 0xff)]! ^
      tables[0x200 | ((high >>> 8) & 0xff)]! ^
      tables[0x100 | ((high >>> 16) & 0xff)]! ^
      tables[high >>> 24]!;
  }
  for (; at < end; at++) value = tables[(value ^ bytes[at]!) & 0xff]! ^ (value >>> 8);
  return ~value >>> 0;
}

/** Table k at 256k: the effect of a byte that k more bytes follow. */
function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    made[byte] = value;
  }
  for (let at = 256; at < made.length; at++) {
    const shorter = made[at - 256]!;
    made[at] = made[shorter & 0xff]! ^ (shorter >>> 8);
  }
  return made;
}
