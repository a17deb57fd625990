// A streaming reader of tar archives: USTAR, PAX (POSIX.1-2001) `path` and `size`, GNU long names and base-256 sizes, and
// headers older than USTAR. Regular files come out; everything else (directories, links, devices, sparse files) is passed
// over. Nothing is ever written to disk, so names cannot escape anywhere. Compressed archives are not unpacked.
import { PerceptError } from '@percept/core';
import { ByteReader } from './byte-reader.js';
import { decodeTarHeader, type TarHeader, tarBlock, tarPadding } from './tar-header.js';

/** A regular file of a tar archive. */
export interface TarEntry {
  /** Path inside the archive, as written there. */
  readonly name: string;
  readonly data: Uint8Array;
}

/** Long names and PAX headers beyond this are an attack, not a name. */
const maxNameBytes = 1 << 20;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads the regular files of an uncompressed tar archive, in order, one in memory at a time.
 *
 * As in Python's `tarfile`, the archive ends at the first block of zeros or at the end of the stream. Leaving the loop
 * early closes the stream.
 *
 * @throws PerceptError `DATA_TAR_INVALID` when the bytes are not a tar archive, are damaged or end inside a member
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>): AsyncIterable<TarEntry> {
  const reader = new ByteReader(stream);
  try {
    let override: Overrides = {};
    for (;;) {
      const header = await readHeader(reader);
      if (header === undefined) return;
      switch (header.type) {
        case 'x':
          override = { ...override, ...parsePax(await readMeta(reader, header)) };
          continue;
        case 'L':
          override = { ...override, name: cString(await readMeta(reader, header)) };
          continue;
        // A GNU long link target and global PAX headers say nothing about a regular file's name or size.
        case 'K':
        case 'g':
          await readMeta(reader, header);
          continue;
      }
      const name = override.name ?? header.name;
      const size = override.size ?? header.size;
      override = {};
      if ((header.type === '0' || header.type === '7') && !name.endsWith('/')) {
        yield { name, data: await readContent(reader, size, name) };
      } else if (hasContent(header.type)) {
        await skipContent(reader, size, name);
      }
    }
  } finally {
    await reader.close();
  }
}

interface Overrides {
  readonly name?: string;
  readonly size?: number;
}

async function readHeader(reader: ByteReader): Promise<TarHeader | undefined> {
  const offset = reader.position;
  const block = await reader.read(tarBlock);
  if (block.length === 0) return undefined;
  if (block.length < tarBlock) throw truncated('a header', reader);
  return decodeTarHeader(block, offset);
}

async function readContent(reader: ByteReader, size: number, name: string): Promise<Uint8Array> {
  const data = await reader.read(size);
  if (data.length < size || (await reader.skip(tarPadding(size))) < tarPadding(size)) throw truncated(name, reader);
  return data;
}

async function skipContent(reader: ByteReader, size: number, name: string): Promise<void> {
  const whole = size + tarPadding(size);
  if ((await reader.skip(whole)) < whole) throw truncated(name, reader);
}

async function readMeta(reader: ByteReader, header: TarHeader): Promise<Uint8Array> {
  if (header.size > maxNameBytes) {
    throw new PerceptError(
      'DATA_TAR_INVALID',
      `Expected at most ${maxNameBytes} bytes of extended tar header but received ${header.size}`,
      { details: { offset: reader.position } },
    );
  }
  return readContent(reader, header.size, header.name);
}

/** Links, devices, directories and FIFOs have no content, whatever their size field says. */
function hasContent(type: string): boolean {
  return !['1', '2', '3', '4', '5', '6'].includes(type);
}

/** Records of the form `<length> <key>=<value>\n`. */
function parsePax(bytes: Uint8Array): Overrides {
  let found: Overrides = {};
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0) {
    const space = bytes.indexOf(0x20, at);
    const digits = space < 0 ? '' : decoder.decode(bytes.subarray(at, space));
    const length = /^\d{1,7}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    if (length === 0 || end > bytes.length || end <= space + 1 || bytes[end - 1] !== 0x0a) throw invalidPax();
    const record = decoder.decode(bytes.subarray(space + 1, end - 1));
    const equals = record.indexOf('=');
    if (equals < 1) throw invalidPax();
    const key = record.slice(0, equals);
    const value = record.slice(equals + 1);
    if (key === 'path') found = { ...found, name: value };
    if (key === 'size') found = { ...found, size: paxSize(value) };
    at = end;
  }
  return found;
}

function paxSize(value: string): number {
  const size = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw invalidPax();
  return size;
}

function invalidPax(): PerceptError {
  return new PerceptError(
    'DATA_TAR_INVALID',
    'Expected "<length> <key>=<value>" records in a PAX header of the archive',
  );
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function truncated(what: string, reader: ByteReader): PerceptError {
  return new PerceptError(
    'DATA_TAR_INVALID',
    `Expected more of ${what} but the tar archive ends at byte ${reader.position}; it was cut off`,
    { details: { offset: reader.position } },
  );
}
