import type { Image } from '@percept/core';

/** Plain TypeScript reference of `applyLut`. */
export function applyLut({ width, height, channels, data }: Image<Uint8Array>, table: Uint8Array): Image<Uint8Array> {
  const perChannel = table.length > 256;
  const out = data.map((value, i) => table[perChannel ? (i % channels) * 256 + value : value]!);
  return { width, height, channels, data: out };
}
