// Real photos for image/preprocess-jpeg, as folders of JPEG files, from the archives of PERCEPT_DATA.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';

/** Writes the JPEGs of a tar archive whose path matches into `folder`, at most `count`. */
export function unpackJpegs(archive: string, pattern: RegExp, folder: string, count: number): void {
  mkdirSync(folder, { recursive: true });
  const tar = readFileSync(archive);
  let written = 0;
  for (let at = 0; at + 512 <= tar.length && written < count; ) {
    const text = (from: number, length: number): string =>
      tar.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const name = text(0, 100);
    if (name === '') break;
    const size = Number.parseInt(text(124, 12), 8);
    if (pattern.test(name) && name.endsWith('.jpg')) {
      writeFileSync(join(folder, name.replaceAll('/', '_')), tar.subarray(at + 512, at + 512 + size));
      written++;
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  if (written === 0) throw new Error(`Expected JPEG files in ${archive} but found none that match ${pattern}`);
}

/** Lays photos side by side to `count` pictures of 12 megapixels, as a phone takes them. */
export async function composeLarge(photos: readonly string[], folder: string, count: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const [width, height, tileWidth, tileHeight] = [4000, 3000, 320, 250];
  for (let index = 0; index < count; index++) {
    const tiles: OverlayOptions[] = [];
    let next = index * 53;
    for (let top = 0; top < height; top += tileHeight) {
      for (let left = 0; left < width; left += tileWidth) {
        const photo = sharp(photos[next++ % photos.length]!).resize(tileWidth, tileHeight);
        tiles.push({ input: await photo.toBuffer(), left, top });
      }
    }
    const canvas = sharp({ create: { width: 4160, height: 3000, channels: 3, background: 'black' } });
    const whole = await canvas.composite(tiles).png({ compressionLevel: 1 }).toBuffer();
    const jpeg = sharp(whole).extract({ left: 0, top: 0, width, height }).jpeg({ quality: 90 });
    await jpeg.toFile(join(folder, `large-${index}.jpg`));
  }
}
