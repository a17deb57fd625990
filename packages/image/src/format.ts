import type { ImageFormat } from './headers/header.js';

const signatures: readonly { readonly format: ImageFormat; readonly at: number; readonly bytes: readonly number[] }[] =
  [
    { format: 'jpeg', at: 0, bytes: [0xff, 0xd8, 0xff] },
    { format: 'png', at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
    { format: 'gif', at: 0, bytes: ascii('GIF8') },
    { format: 'webp', at: 8, bytes: ascii('WEBP') },
    { format: 'tiff', at: 0, bytes: [...ascii('II'), 42, 0] },
    { format: 'tiff', at: 0, bytes: [...ascii('MM'), 0, 42] },
  ];

/** Files that people hand in by mistake, so that the error can say what came. */
const strangers: readonly (readonly [name: string, start: string])[] = [
  ['a PDF', '%PDF'],
  ['a ZIP archive', 'PK\x03\x04'],
  ['gzip data', '\x1f\x8b'],
  ['a BigTIFF (store it as a classic TIFF)', 'II+\0'],
  ['a BigTIFF (store it as a classic TIFF)', 'MM\0+'],
  ['a JPEG XL', '\xff\x0a'],
  ['a JPEG XL', '\0\0\0\x0cJXL '],
  ['a JPEG 2000', '\0\0\0\x0cjP  '],
];

/** The format that a file's first bytes announce, whatever its name says. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  const known = signatures.find(({ at, bytes: wanted }) => wanted.every((byte, i) => bytes[at + i] === byte));
  return known?.format ?? sniffHeif(bytes) ?? (isBmp(bytes) ? 'bmp' : undefined);
}

/** Two letters are too few to know a BMP by: its second header also has one of a few sizes. */
function isBmp(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x42 || bytes[1] !== 0x4d || bytes[15] || bytes[16] || bytes[17]) return false;
  return [12, 40, 52, 56, 64, 108, 124].includes(bytes[14] ?? 0);
}

const heicBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];

/** AVIF and HEIC are one container; the brands in its first box tell them apart (ISO/IEC 23008-12). */
function sniffHeif(bytes: Uint8Array): 'avif' | 'heic' | undefined {
  const text = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (text(4) !== 'ftyp') return undefined;
  const end = Math.min(bytes.length, 256, (bytes[2]! << 8) | bytes[3]!);
  const brands = [text(8)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(text(at));
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'avif';
  return brands.some((brand) => heicBrands.includes(brand)) ? 'heic' : undefined;
}

/** Says what unknown bytes look like: `text ("hello…")`, `a PDF`, `bytes 00 01 02 …`. */
export function describeBytes(bytes: Uint8Array): string {
  const head = bytes.subarray(0, 16);
  const characters = String.fromCharCode(...head);
  const stranger = strangers.find(([, start]) => characters.startsWith(start));
  if (stranger) return stranger[0];
  if (head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d)) {
    return `text (${JSON.stringify(new TextDecoder().decode(bytes.subarray(0, 24)))})`;
  }
  return `bytes ${Array.from(head, (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
