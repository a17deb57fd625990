import { readFileSync } from 'node:fs';
import { decodeImage, probeImage } from '@percept/image';
import type { FuzzTarget } from '../target.js';

const goldens = new URL('../../goldens/image/', import.meta.url);

/** The small files of the image goldens whose names begin with `prefix`. */
export function imageSeeds(prefix: string): Uint8Array[] {
  return ['decode.json', 'formats.json'].flatMap((name) => {
    const { cases } = JSON.parse(readFileSync(new URL(name, goldens), 'utf8')) as {
      readonly cases: readonly { readonly name: string; readonly file: string }[];
    };
    return cases
      .filter((one) => one.name.startsWith(prefix))
      .map(({ file }) => new Uint8Array(Buffer.from(file, 'base64')));
  });
}

/** Probes and decodes: the pixels that come out are whole, and of the size that the header told. */
export async function probeAndDecode(bytes: Uint8Array): Promise<void> {
  const { width, height } = probeImage(bytes);
  const image = await decodeImage(bytes, { color: 'source', depth: 'source', maxPixels: 1_000_000 });
  if (image.width !== width || image.height !== height) {
    throw new Error(`The header told ${width} × ${height} but ${image.width} × ${image.height} were decoded`);
  }
  if (image.data.length !== width * height * image.channels) throw new Error('The pixels are not whole');
}

/** JPEG: baseline, progressive, grey, CMYK, with profiles and orientations. */
export const target: FuzzTarget = {
  name: 'jpeg',
  seeds: () => imageSeeds('jpeg'),
  run: probeAndDecode,
};
