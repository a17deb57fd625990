import type { Image } from '@percept/core';
import type { ImageHeader } from './headers/header.js';
import { loadJpegTurbo } from './peers.node.js';

/** Gives memory of at least `size` bytes. */
export type Lease = (size: number) => Buffer;

/** `undefined` leaves the file to sharp, which reads odd JPEGs that libjpeg-turbo only warns about, and judges the rest. */
export async function decodeWithTurbo(
  bytes: Uint8Array,
  header: ImageHeader,
  inline: boolean,
  lease: Lease = Buffer.allocUnsafeSlow,
): Promise<Image<Uint8Array> | undefined> {
  const turbo = await loadJpegTurbo();
  if (turbo === undefined) return undefined;
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const channels = header.gray ? 1 : 3;
  const format = header.gray ? turbo.FORMAT_GRAY : turbo.FORMAT_RGB;
  const target = lease(header.width * header.height * channels);
  try {
    const decoded = inline
      ? turbo.decompressSync(source, target, { format })
      : await turbo.decompress(source, target, { format });
    const { data, width, height } = decoded;
    if (width !== header.width || height !== header.height) return undefined;
    return { width, height, channels, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  } catch {
    return undefined;
  }
}
