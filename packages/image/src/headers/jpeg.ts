import { exifOrientation } from './exif.js';
import { HeaderReader, type ImageHeader } from './header.js';
import { namesSrgb } from './profile.js';

const startOfScan = 0xda;
const endOfImage = 0xd9;

/** Reads JPEG markers (ITU-T T.81) up to the frame header and on to the scan, EXIF and ICC blocks included. */
export function readJpegHeader(bytes: Uint8Array): ImageHeader {
  const reader = new HeaderReader(bytes, 'jpeg');
  let frame: Pick<ImageHeader, 'width' | 'height' | 'components' | 'bitDepth' | 'progressive'> | undefined;
  let exif: ReturnType<typeof exifOrientation> | undefined;
  let profile = false;
  let metadataBytes = 0;

  for (let at = 2; ; ) {
    // The first kilobytes are enough once the frame header is among them.
    if (frame !== undefined && at + 4 > reader.length) break;
    if (reader.u8(at) !== 0xff) {
      at++;
      continue;
    }
    const marker = reader.u8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2;
      continue;
    }
    if (marker === startOfScan || marker === endOfImage) break;

    const length = reader.u16(at + 2);
    if (length < 2) reader.fail(`received a segment of ${length} bytes`);
    const start = at + 4;
    const end = at + 2 + length;
    if (isFrame(marker)) {
      frame ??= {
        height: reader.u16(start + 1),
        width: reader.u16(start + 3),
        components: reader.u8(start + 5),
        bitDepth: reader.u8(start),
        progressive: (marker & 3) === 2,
      };
    } else if (marker === 0xe1 && reader.has(start, 'Exif\0\0')) {
      exif ??= exifOrientation(reader, start + 6, end);
    } else if (marker === 0xe2 && reader.has(start, 'ICC_PROFILE\0')) {
      profile ||= !namesSrgb(bytes, start + 14, end);
    }
    if (marker >= 0xe0) metadataBytes += length;
    at = end;
  }
  if (frame === undefined) return reader.fail('received no frame header (SOF)');
  if (frame.width === 0 || frame.height === 0) reader.fail(`received a size of ${frame.width} × ${frame.height}`);
  return {
    format: 'jpeg',
    ...frame,
    orientation: 1,
    ...exif,
    alpha: false,
    frames: 1,
    metadataBytes,
    gray: frame.components === 1,
    profile,
  };
}

/** SOF0..SOF15 without DHT (C4), JPG (C8) and DAC (CC). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Most scans of a progressive JPEG, as libvips has it: each one goes over all pixels, and an encoder needs about ten. */
export const mostScans = 100;

/**
 * Counts the scans of a progressive JPEG, up to one more than {@link mostScans}: a small file of thousands of them would
 * take minutes to decode. Metadata and what stands behind the image, such as the video of a motion photo, do not count.
 */
export function countScans(bytes: Uint8Array): number {
  let scans = 0;
  for (let at = bytes.indexOf(0xff, 2); at !== -1 && at + 3 < bytes.length; at = bytes.indexOf(0xff, at)) {
    const marker = bytes[at + 1]!;
    if (marker === endOfImage) break;
    if (marker === 0xff) at++;
    else if (marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else {
      if (marker === startOfScan && ++scans > mostScans) break;
      at += 2 + Math.max(2, (bytes[at + 2]! << 8) | bytes[at + 3]!);
    }
  }
  return scans;
}
