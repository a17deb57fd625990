// The framing of TFRecord files: length, checksum of the length, data, checksum of the data. Checksums are CRC-32C
// (Castagnoli, RFC 3720), rotated and offset so that the checksum of data that holds checksums stays a good one.
// https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
import { concatBytes } from '@percept/core';

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** One record as it stands in a file. */
export function frameRecord(data: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(data.length), true);
  return concatBytes([length, maskedChecksum(length), data, maskedChecksum(data)]);
}

function maskedChecksum(bytes: Uint8Array): Uint8Array {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ table[(crc ^ byte) & 0xff]!;
  crc = ~crc >>> 0;
  const masked = ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, masked >>> 0, true);
  return out;
}
