// One 512-byte tar header block: POSIX.1-1988 USTAR, with the two common extensions that readers meet (GNU base-256
// sizes, headers older than USTAR). Member types, long names and the order of blocks are the business of tar-read.ts and
// tar-write.ts.
import { PerceptError } from '@percept/core';

/** Everything in a tar archive is padded to this many bytes. */
export const tarBlock = 512;

/** Largest size that the header's eleven octal digits hold. */
const maxOctalSize = 8 ** 11 - 1;

/** The fields of a header that readers and writers here use. */
export interface TarHeader {
  readonly name: string;
  /** Bytes of content that follow the header, before padding. */
  readonly size: number;
  /** One character: `0` regular file, `5` directory, `x` PAX header, `L` GNU long name, … */
  readonly type: string;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes from the end of `size` bytes of content to the next block. */
export function tarPadding(size: number): number {
  return (tarBlock - (size % tarBlock)) % tarBlock;
}

/**
 * Writes a header whose every byte is determined by its arguments: mode 0444, owner 0, modification time 0.
 * `name` must be ASCII and have been made to fit by {@link splitTarName}.
 *
 * @throws PerceptError `INVALID_ARGUMENT` when the size does not fit
 */
export function encodeTarHeader(header: TarHeader, prefix = ''): Uint8Array {
  if (header.size > maxOctalSize) {
    throw new PerceptError(
      'INVALID_ARGUMENT',
      `Expected at most ${maxOctalSize} bytes in a tar member but received ${header.size} for ${header.name}`,
    );
  }
  const block = template.slice();
  let sum = templateSum;
  const put = (offset: number, text: string): void => {
    for (let at = 0; at < text.length; at++) {
      const byte = text.charCodeAt(at);
      sum += byte - block[offset + at]!;
      block[offset + at] = byte;
    }
  };
  put(0, header.name);
  put(124, header.size.toString(8).padStart(11, '0'));
  put(156, header.type);
  put(345, prefix);
  put(148, `${sum.toString(8).padStart(6, '0')}\0`);
  return block;
}

/** What is the same in every header; the checksum is taken with its field as spaces. */
const template = makeTemplate();
const templateSum = template.reduce((total, byte) => total + byte, 0);

function makeTemplate(): Uint8Array {
  const block = new Uint8Array(tarBlock);
  const put = (offset: number, text: string): void => block.set(new TextEncoder().encode(text), offset);
  put(100, '0000444\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(136, '00000000000\0');
  put(148, '        ');
  put(257, 'ustar\x0000');
  put(329, '0000000\0');
  put(337, '0000000\0');
  return block;
}

/**
 * Fits a name into the header: as it is, or cut at a slash into `prefix` and `name`. `undefined` when it takes a PAX
 * header: not ASCII, or without a slash in the right place.
 */
export function splitTarName(name: string): { name: string; prefix: string } | undefined {
  if (!/^[\x20-\x7e]+$/.test(name)) return undefined;
  if (name.length <= 100) return { name, prefix: '' };
  const cut = name.indexOf('/', name.length - 101);
  if (cut < 1 || cut > 155 || cut === name.length - 1) return undefined;
  return { name: name.slice(cut + 1), prefix: name.slice(0, cut) };
}

/**
 * Reads a header; `undefined` for a block of zeros, which ends an archive.
 *
 * @param offset - where the block stands in the archive, for the error message
 * @throws PerceptError `DATA_TAR_INVALID` when the checksum or a number is wrong
 */
export function decodeTarHeader(block: Uint8Array, offset: number): TarHeader | undefined {
  let unsigned = 0;
  let signed = 0;
  let blank = true;
  for (let at = 0; at < tarBlock; at++) {
    const byte = block[at]!;
    if (byte !== 0) blank = false;
    // The checksum is taken with its own eight bytes as spaces; some old writers summed signed bytes.
    const counted = at >= 148 && at < 156 ? 0x20 : byte;
    unsigned += counted;
    signed += counted < 128 ? counted : counted - 256;
  }
  if (blank) return undefined;
  const checksum = readNumber(block, 148, 8);
  if (checksum !== unsigned && checksum !== signed) throw invalid(`a valid header checksum`, offset);
  const size = readNumber(block, 124, 12);
  if (size === undefined) throw invalid('a valid member size', offset);
  const name = readText(block, 0, 100);
  const prefix = isUstar(block) ? readText(block, 345, 155) : '';
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    type: block[156] === 0 ? '0' : String.fromCharCode(block[156]!),
  };
}

/** GNU headers say `ustar  ` and keep other things where USTAR has its prefix. */
function isUstar(block: Uint8Array): boolean {
  return readText(block, 257, 6) === 'ustar' && block[262] === 0;
}

function readText(block: Uint8Array, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}

/** Octal digits padded with spaces or zeros, or GNU's big-endian base-256 when the first bit is set. */
function readNumber(block: Uint8Array, offset: number, length: number): number | undefined {
  if (block[offset]! & 0x80) {
    let value = block[offset]! & 0x7f;
    for (let at = 1; at < length; at++) value = value * 256 + block[offset + at]!;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  const text = readText(block, offset, length).trim();
  if (!/^[0-7]*$/.test(text)) return undefined;
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function invalid(expected: string, offset: number): PerceptError {
  return new PerceptError(
    'DATA_TAR_INVALID',
    `Expected ${expected} at byte ${offset} of the tar archive; it is damaged or not a tar archive`,
    { details: { offset } },
  );
}
