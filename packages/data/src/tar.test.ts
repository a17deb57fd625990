import { isPerceptError, PerceptError } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTar, type TarEntry } from './tar-read.js';
import { tarEnd, tarFile } from './tar-write.js';

const encoder = new TextEncoder();

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

/** Cuts bytes into chunks of the given sizes, over and over. */
async function* chunks(bytes: Uint8Array, sizes: readonly number[] = [bytes.length || 1]): AsyncIterable<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const end = at + sizes[turn % sizes.length]!;
    yield bytes.subarray(at, end);
    at = end;
  }
}

async function readAll(bytes: Uint8Array, sizes?: readonly number[]): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  for await (const entry of readTar(chunks(bytes, sizes))) entries.push(entry);
  return entries;
}

/** Names that a file can have: not a directory, no NUL, and letters that UTF-8 can write. */
const anyName = fc
  .oneof(
    fc.string({ minLength: 1, maxLength: 120, unit: 'binary' }),
    fc.stringMatching(/^[a-z/.]{90,280}$/),
    fc.constantFrom('a'.repeat(100), 'a'.repeat(101), `${'d'.repeat(155)}/${'f'.repeat(100)}`, `${'d'.repeat(156)}/f`),
  )
  .filter((name) => !name.includes('\0') && !name.endsWith('/'));
const anyFile = fc.record({ name: anyName, data: fc.uint8Array({ maxLength: 1200 }) });

describe('tar', () => {
  it('gives back what was written, in chunks of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFile, { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 4 }),
        async (files, sizes) => {
          const archive = join([...files.flatMap(({ name, data }) => tarFile(name, data)), tarEnd]);
          expect(archive.length % 512).toBe(0);
          expect(await readAll(archive, sizes)).toEqual(files);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('hands out bytes that do not share memory with the stream', async () => {
    // Streams of Node give Buffers, whose slice() does not copy.
    const archive = Buffer.from(join([...tarFile('a', encoder.encode('x')), tarEnd]));
    const [entry] = await readAll(archive);
    archive.fill(0);
    expect(entry!.data).toEqual(encoder.encode('x'));
  });

  it('reads an archive without its end marker, and nothing after one', async () => {
    const file = tarFile('a', encoder.encode('x'));
    expect(await readAll(join(file))).toHaveLength(1);
    expect(await readAll(join([...file, tarEnd, ...file]))).toHaveLength(1);
    expect(await readAll(new Uint8Array(0))).toEqual([]);
  });

  it('closes the stream when the loop is left', async () => {
    let closed = false;
    async function* stream(): AsyncIterable<Uint8Array> {
      try {
        for (;;) yield join(tarFile('a', encoder.encode('x')));
      } finally {
        closed = true;
      }
    }
    for await (const _ of readTar(stream())) break;
    expect(closed).toBe(true);
  });

  it('says where an archive is cut off', async () => {
    const archive = join([...tarFile('folder/name.png', new Uint8Array(600)), tarEnd]);
    for (const length of [1, 511, 513, 1000, 1535]) {
      await expect(readAll(archive.subarray(0, length))).rejects.toMatchObject({
        code: 'DATA_TAR_INVALID',
        message: expect.stringMatching(/cut off/),
      });
    }
  });

  it('allocates for what arrives, not for what a header promises', async () => {
    const header = tarFile('huge', new Uint8Array(0))[0]!.slice();
    const size = encoder.encode('77777777777\0');
    header.set(size, 124);
    header.fill(0x20, 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.set(encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    await expect(readAll(join([header, new Uint8Array(512)]))).rejects.toMatchObject({ code: 'DATA_TAR_INVALID' });
  });

  it('answers damaged and random bytes with its own errors only', async () => {
    const whole = join([
      ...tarFile('a.png', new Uint8Array(30)),
      ...tarFile('ü'.repeat(80), new Uint8Array(5)),
      ...tarFile(`${'d'.repeat(120)}/x.png`, new Uint8Array(5)),
      tarEnd,
    ]);
    const damaged = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const bytes = whole.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        return bytes;
      });
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(damaged, fc.uint8Array({ maxLength: 2000 }), damaged.map(withChecksums)),
        async (bytes) => {
          try {
            await readAll(bytes, [100, 900]);
          } catch (error) {
            if (!isPerceptError(error, 'DATA_TAR_INVALID')) throw error;
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  it('refuses a file that its header cannot describe', () => {
    const huge = { length: 8 ** 11 } as Uint8Array;
    expect(() => tarFile('a', huge)).toThrow(PerceptError);
  });
});

/** Repairs every header's checksum, so that damage reaches the fields behind it. */
function withChecksums(bytes: Uint8Array): Uint8Array {
  const out = bytes.slice();
  for (let at = 0; at + 512 <= out.length; at += 512) {
    if (String.fromCharCode(...out.subarray(at + 257, at + 262)) !== 'ustar') continue;
    out.fill(0x20, at + 148, at + 156);
    const sum = out.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    out.set(encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `), at + 148);
  }
  return out;
}
