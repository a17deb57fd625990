import { readFileSync } from 'node:fs';
import { sha256Digest } from '@percept/core';
import { memoryStorage } from '@percept/storage/backends/memory';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packShards } from './pack-shards.js';
import { memorySource } from './source.js';
import { readTar, type TarEntry } from './tar-read.js';
import { splitWebDatasetName, webDatasetName, webDatasetSamples } from './webdataset.js';

const goldens = new URL('../../../test/goldens/data/', import.meta.url);

interface Golden {
  readonly digest: string;
  readonly members: { name: string; size: number }[];
  readonly gnuTar: string[];
  readonly samples: { key: string; files: Record<string, string> }[];
  readonly names: [string, [string, string] | null][];
}

function golden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, goldens), 'utf8')) as T;
}

async function* stream(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

async function* entries(...names: string[]): AsyncIterable<TarEntry> {
  for (const name of names) yield { name, data: new Uint8Array(0) };
}

async function samplesOf(tar: Uint8Array): Promise<Golden['samples']> {
  const samples: Golden['samples'] = [];
  for await (const { key, files } of webDatasetSamples(readTar(stream(tar)))) {
    const hex = [...files].map(([name, data]) => [name, Buffer.from(data).toString('hex')]);
    samples.push({ key, files: Object.fromEntries(hex) });
  }
  return samples;
}

describe('WebDataset', () => {
  it('sees the same samples in archives that Python wrote as Python does', async () => {
    const tar = readFileSync(new URL('python.tar', goldens));
    expect(await samplesOf(tar)).toEqual(golden<Golden>('python.json').samples);
  });

  it('splits names as Python does', () => {
    for (const [name, parts] of golden<Golden>('python.json').names) {
      const split = splitWebDatasetName(name);
      expect(split === undefined ? null : [split.key, split.extension], JSON.stringify(name)).toEqual(parts);
    }
  });

  it('writes shards in which webdataset, tarfile and GNU tar see the same', async () => {
    const seen = golden<Golden>('percept.json');
    const rows = golden<{ key: string; extension: string; label: number; text: string }[]>('shard-samples.json');
    const samples = rows.map(({ text, ...rest }) => ({ ...rest, image: new TextEncoder().encode(text) }));
    const storage = memoryStorage();
    await packShards(memorySource(['a', 'b', 'c'], samples), storage, { prefix: 'shards' });
    const tar = await storage.read('shards/shard-000000.tar');
    // The very bytes that Python was shown.
    expect(await sha256Digest(tar)).toBe(seen.digest);
    expect(await samplesOf(tar)).toEqual(seen.samples);
    const members: string[] = [];
    for await (const entry of readTar(stream(tar))) members.push(entry.name);
    expect(members).toEqual(seen.members.map((member) => member.name));
    expect(members).toEqual(seen.gnuTar);
    expect(seen.samples.map(({ files }) => files)).toEqual(
      rows.map(({ extension, text, label }) => ({
        [extension]: Buffer.from(text).toString('hex'),
        cls: Buffer.from(String(label)).toString('hex'),
      })),
    );
  });

  it('makes of every key a name that splits again, safe and distinct', () => {
    const part = fc.oneof(
      fc.string({ maxLength: 8, unit: 'binary' }),
      fc.constantFrom('.', '..', '/', '__', '%', '\\', ''),
    );
    const anyKey = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(anyKey, anyKey, (a, b) => {
        fc.pre(a !== '' && b !== '');
        const name = webDatasetName(a, 'png');
        expect(splitWebDatasetName(name)).toEqual({ key: name.slice(0, -4), extension: 'png' });
        expect(name.startsWith('/') || name.split('/').includes('..') || name.includes('\0')).toBe(false);
        expect(webDatasetName(b, 'png') === name).toBe(a === b);
      }),
      { numRuns: 300 },
    );
  });

  it('groups consecutive members only and refuses an extension that comes twice', async () => {
    const keys: string[] = [];
    for await (const { key, files } of webDatasetSamples(
      entries('a.x', 'a.y', '__m__', 'b.x', 'noext', 'b.y', 'a.x'),
    )) {
      keys.push(`${key}:${[...files.keys()]}`);
    }
    expect(keys).toEqual(['a:x,y', 'b:x,y', 'a:x']);
    const twice = async (): Promise<void> => {
      for await (const _ of webDatasetSamples(entries('a.PNG', 'a.png')));
    };
    await expect(twice()).rejects.toMatchObject({
      code: 'DATA_DUPLICATE_FILE',
      details: { key: 'a', extension: 'png' },
    });
  });
});
