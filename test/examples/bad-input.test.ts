import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runLoop } from '../setup/run-loop.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'percept-bad-input-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A photo of nothing but a colour and some texture. */
function photo(color: { r: number; g: number; b: number }, seed: number): Promise<Buffer> {
  const pixels = Buffer.from(
    Array.from(
      { length: 48 * 48 * 3 },
      (_, at) => [color.r, color.g, color.b][at % 3]! + ((at * (seed + 7) * 2654435761) % 50),
    ),
  );
  return sharp(pixels, { raw: { width: 48, height: 48, channels: 3 } })
    .jpeg()
    .toBuffer();
}

/** The header of a PNG of 40,000 × 40,000 pixels, with no pixels behind it. */
function hugePng(): Buffer {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC',
    'base64',
  );
  png.writeUInt32BE(40_000, 16);
  png.writeUInt32BE(40_000, 20);
  return png;
}

describe('what users really bring', () => {
  it('skips unreadable pictures with the reason and goes on with the others', async () => {
    const photos = join(folder, 'photos 写真');
    for (const [name, color] of [
      ['red', { r: 200, g: 20, b: 20 }],
      ['blue', { r: 20, g: 20, b: 200 }],
    ] as const) {
      mkdirSync(join(photos, name), { recursive: true });
      for (let i = 0; i < 60; i++) writeFileSync(join(photos, name, `${i}.jpg`), await photo(color, i));
    }
    mkdirSync(join(photos, 'lonely'));
    writeFileSync(join(photos, 'lonely', 'only.jpg'), await photo({ r: 20, g: 200, b: 20 }, 1));
    writeFileSync(join(photos, 'red', 'empty.jpg'), '');
    writeFileSync(join(photos, 'red', 'letter.jpg'), 'Dear photographer, this is not a picture.');
    writeFileSync(join(photos, 'red', 'huge.png'), hugePng());
    const half = readFileSync(join(photos, 'red', '1.jpg'));
    writeFileSync(join(photos, 'red', 'half.jpg'), half.subarray(0, half.length >> 1));

    const { code, output, errors, figures } = await runLoop([
      '--data',
      photos,
      '--no-serve',
      '--out',
      join(folder, 'out'),
      '--port',
      '0',
    ]);
    expect(errors).not.toMatch(/^\S*(Error|_[A-Z]+):/m);
    expect(code).toBe(0);
    for (const file of ['empty.jpg', 'letter.jpg', 'huge.png', 'half.jpg'])
      expect(output).toMatch(new RegExp(`skipped .*${file.split('.')[0]}`));
    expect(output).toMatch(/lonely/);
    expect(figures.top1).toBeGreaterThan(0.9);
    expect(figures.failedRequests).toBe(0);
  });

  it.each([
    ['a missing folder', () => ['--data', join(folder, 'nowhere')], /^DATA_[A-Z_]+: .*nowhere/m],
    ['a file instead of a folder', () => ['--data', import.meta.filename], /^DATA_[A-Z_]+: /m],
    ['a folder without pictures', () => ['--data', mkdtempSync(join(folder, 'empty-'))], /^DATA_[A-Z_]+: /m],
    ['an output folder that cannot be written', () => ['--out', '/sys/percept'], /^STORAGE_[A-Z_]+: .*\/sys\/percept/m],
    ['an output folder where no folder can be made', () => ['--out', '/proc/percept'], /^STORAGE_READ_ONLY: .*\/proc/m],
    ['an unknown option', () => ['--fast'], /^EXAMPLE_USAGE: .*--fast/m],
    ['a port that is none', () => ['--port', '99999'], /^EXAMPLE_USAGE: .*99999/m],
  ])('ends with a coded error for %s', async (_, args, expected) => {
    const { code, errors } = await runLoop([...args(), '--quick', '--no-serve']);
    expect(errors).toMatch(expected);
    expect(errors).not.toMatch(/\n {4}at /);
    expect(code).toBeGreaterThan(0);
  });
});
