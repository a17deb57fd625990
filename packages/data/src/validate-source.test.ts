import type { Sample } from '@percept/core';
import { PerceptError } from '@percept/core';
import { encodeImage } from '@percept/image';
import { describe, expect, it } from 'vitest';
import { createSource, memorySource } from './source.js';
import { type SampleSkip, validateSource } from './validate-source.js';

const text = new TextEncoder();

async function png(side = 4): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: side * side }, (_, at) => (at * 37) % 256);
  return encodeImage({ width: side, height: side, channels: 1, data }, { format: 'png' });
}

function sample(key: string, image: Uint8Array, label = 0): Sample {
  return { key, image, label, extension: 'png' };
}

/** A PNG whose header promises 60,000 × 60,000 pixels. */
async function hugeHeader(): Promise<Uint8Array> {
  const bytes = (await png()).slice();
  const view = new DataView(bytes.buffer);
  view.setUint32(16, 60_000);
  view.setUint32(20, 60_000);
  return bytes;
}

describe('validateSource', () => {
  it('keeps the good samples and reports every other one with its reason', async () => {
    const good = await png(16);
    const source = memorySource(
      ['a', 'b', 'c'],
      [
        sample('good-1', good),
        sample('empty', new Uint8Array(0)),
        sample('text', text.encode('hello, this is text')),
        sample('cut', good.subarray(0, good.length - 20)),
        sample('huge', await hugeHeader()),
        sample('label', good, 7),
        sample('good-1', good),
        sample('good-2', good),
        sample('good-3', good, 1),
      ],
    );
    const told: SampleSkip[] = [];
    const { valid, report } = await validateSource(source, { onSkip: (skip) => told.push(skip) });
    expect(valid.keys).toEqual(['good-1', 'good-2', 'good-3']);
    expect(await valid.read(2)).toEqual(sample('good-3', good, 1));
    expect(report.skipped.map(({ key, code }) => [key, code])).toEqual([
      ['empty', 'IMAGE_EMPTY'],
      ['text', 'IMAGE_UNKNOWN_FORMAT'],
      ['cut', 'IMAGE_DECODE_FAILED'],
      ['huge', expect.stringMatching(/^IMAGE_/)],
      ['label', 'DATA_SAMPLE_INVALID'],
      ['good-1', 'DATA_DUPLICATE_KEY'],
    ]);
    expect(told).toEqual(report.skipped);
    expect(report).toMatchObject({ total: 9, valid: 3, classCounts: { a: 2, b: 1, c: 0 } });
    expect(report.warnings).toHaveLength(2);
    expect(report.warnings[0]).toMatch(/"b" has one valid image only/);
  });

  it('judges size by the header', async () => {
    const source = memorySource(['a'], [sample('big', await png(16))]);
    const { report } = await validateSource(source, { maxPixels: 255 });
    expect(report.skipped).toEqual([expect.objectContaining({ key: 'big', code: 'IMAGE_TOO_LARGE' })]);
  });

  it('reports what cannot be read, but not a storage that fails', async () => {
    const failing = (error: Error) => createSource(['a'], ['k'], [0], () => Promise.reject(error));
    const { report } = await validateSource(failing(new Error('disk error')));
    expect(report.skipped).toEqual([{ key: 'k', code: 'DATA_UNREADABLE', reason: 'disk error' }]);
    const gone = validateSource(failing(new PerceptError('STORAGE_FAILED', 'no network')));
    await expect(gone).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  });

  it('stops at its signal', async () => {
    const source = memorySource(['a'], [sample('k', await png())]);
    await expect(validateSource(source, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  });
});
