import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import goldens from '../../../test/goldens/image/decode.json' with { type: 'json' };
import { fromBase64, noise } from '../../../test/goldens/image/goldens.js';
import { decodeImage } from './decode.node.js';
import { crc32 } from './png/crc32.js';
import { probeImage } from './probe.js';
import { tiff } from './tiff.fixture.js';

const fileOf = (name: string): Uint8Array => fromBase64(goldens.cases.find((one) => one.name === name)!.file);

function chunk(type: string, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(body.length + 12);
  const view = new DataView(out.buffer);
  view.setUint32(0, body.length);
  out.set(new TextEncoder().encode(type), 4);
  out.set(body, 8);
  view.setUint32(8 + body.length, crc32(out, 4, 8 + body.length));
  return out;
}

/** A grey PNG whose header promises `width` × `height`, with these chunks between header and end. */
function png(width: number, height: number, ...chunks: Uint8Array[]): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([signature, chunk('IHDR', header), ...chunks, chunk('IEND', new Uint8Array(0))]);
}

/** Zlib data of a few hundred kilobytes that inflates to 200 MB. */
const bomb = deflateSync(Buffer.alloc(200_000_000), { level: 9 });
const pixels = (width: number, height: number): Uint8Array =>
  chunk('IDAT', deflateSync(new Uint8Array((width + 1) * height)));

async function extraMemory(run: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  await run();
  return process.memoryUsage().rss - before;
}

describe('decompression bombs', () => {
  it.each([
    ['a small PNG', 100],
    ['a PNG that sharp decodes', 300],
  ])('pixels of %s that inflate to 200 MB', async (_, side) => {
    const file = png(side, side, chunk('IDAT', bomb));
    let outcome: unknown;
    const grown = await extraMemory(async () => {
      outcome = await decodeImage(file).catch((error) => error.code);
    });
    // libpng stops at the last row and takes the image for whole; ours refuses what comes after it.
    if (side === 100) expect(outcome).toBe('IMAGE_DECODE_FAILED');
    else expect(outcome === 'IMAGE_DECODE_FAILED' || (outcome as { width: number }).width === side).toBe(true);
    expect(grown).toBeLessThan(60_000_000);
  });

  it('a colour profile or a text that inflates to 200 MB', async () => {
    const named = Buffer.concat([new TextEncoder().encode('name\0\0'), bomb]);
    for (const type of ['iCCP', 'zTXt']) {
      const file = png(300, 300, chunk(type, named), pixels(300, 300));
      const grown = await extraMemory(() =>
        decodeImage(file).catch((error) => expect(error.code).toBe('IMAGE_DECODE_FAILED')),
      );
      expect(grown).toBeLessThan(60_000_000);
    }
  });
});

describe('limits judged by the header', () => {
  it.each([
    ['png-rgb-8', 16, 4],
    ['gif', 6, 2],
    ['jpeg-420', undefined, 2],
    ['webp-lossy', 26, 2],
    ['tiff-rgb', undefined, 4],
    ['avif', undefined, 4],
  ] as const)('%s of a huge size', async (name, at, bytes) => {
    const file = fileOf(name);
    const view = new DataView(file.buffer);
    if (name === 'jpeg-420') {
      const frame = file.findIndex((byte, i) => byte === 0xff && file[i + 1] === 0xc0);
      view.setUint32(frame + 5, 0xffff_ffff);
    } else if (name === 'avif') {
      const size = Buffer.from(file).indexOf('ispe') + 8;
      view.setUint32(size, 1_000_000);
      view.setUint32(size + 4, 1_000_000);
    } else if (name === 'tiff-rgb') {
      const little = file[0] === 0x49;
      const directory = view.getUint32(4, little);
      for (let entry = directory + 2; entry < directory + 2 + 12 * view.getUint16(directory, little); entry += 12) {
        const tag = view.getUint16(entry, little);
        if (tag !== 256 && tag !== 257) continue;
        view.setUint16(entry + 2, 4, little);
        view.setUint32(entry + 8, 1_000_000, little);
      }
    } else if (bytes === 4) {
      view.setUint32(at!, 100_000);
      view.setUint32(at! + 4, 100_000);
    } else {
      view.setUint16(at!, 0x3fff, true);
      view.setUint16(at! + 2, 0x3fff, true);
    }
    const { width, height } = probeImage(file);
    expect(width * height).toBeGreaterThan(100_000_000);
    const grown = await extraMemory(() =>
      expect(decodeImage(file)).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE', details: { width, height } }),
    );
    expect(grown).toBeLessThan(20_000_000);
  });

  it('more frames than maxFrames, in GIF, APNG and a TIFF whose pages go in a circle', async () => {
    const gif = fileOf('gif');
    const image = gif.indexOf(0x2c, 13 + 3 * (2 << (gif[10]! & 7)));
    const frames = Buffer.concat([
      gif.subarray(0, image),
      ...Array.from({ length: 1001 }, () => gif.subarray(image, -1)),
      gif.subarray(-1),
    ]);
    expect(probeImage(frames).frames).toBe(1001);
    const count = new Uint8Array(8).fill(0x7f);
    const animated = png(8, 8, chunk('acTL', count), pixels(8, 8));
    const tiff = fileOf('tiff-rgb');
    const view = new DataView(tiff.buffer);
    const little = tiff[0] === 0x49;
    const directory = view.getUint32(4, little);
    view.setUint32(directory + 2 + 12 * view.getUint16(directory, little), directory, little);
    for (const file of [frames, animated, tiff]) {
      const large = { code: 'IMAGE_TOO_LARGE', message: expect.stringContaining('maxFrames') };
      await expect(decodeImage(file)).rejects.toMatchObject(large);
    }
    expect((await decodeImage(frames, { maxFrames: 1001 })).width).toBe(21);
    expect((await decodeImage(animated, { maxFrames: 2 ** 31 })).width).toBe(8);
  });

  it('more metadata than maxMetadataBytes, in JPEG and PNG', async () => {
    const jpeg = fileOf('jpeg-420');
    const segment = new Uint8Array(65_537);
    segment.set([0xff, 0xed, 0xff, 0xff]);
    const heavy = Buffer.concat([jpeg.subarray(0, 2), ...Array.from({ length: 260 }, () => segment), jpeg.subarray(2)]);
    const text = png(8, 8, chunk('tEXt', new Uint8Array(17_000_000)), pixels(8, 8));
    for (const file of [heavy, text]) {
      const large = { code: 'IMAGE_TOO_LARGE', message: expect.stringContaining('maxMetadataBytes') };
      await expect(decodeImage(file)).rejects.toMatchObject(large);
      await expect(decodeImage(file, { maxMetadataBytes: 20_000_000 })).resolves.toMatchObject({ channels: 3 });
    }
  });

  it('a progressive JPEG of more than 100 scans', async () => {
    const jpeg = fileOf('jpeg-progressive');
    const scan = jpeg.findLastIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xda);
    const last = jpeg.subarray(scan, -2);
    const scans = Buffer.concat([jpeg.subarray(0, -2), ...Array.from({ length: 100 }, () => last), jpeg.subarray(-2)]);
    await expect(decodeImage(scans)).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED', message: /100 scans/ });
  });
});

describe('targetSize', () => {
  it('decodes a large JPEG at a reduced scale, upright, close to the whole one', async () => {
    const small = noise(40, 30, 3);
    const sharp = (await import('sharp')).default;
    const smooth = sharp(small.data, { raw: small }).resize(1600, 1200, { kernel: 'cubic' });
    const jpeg = new Uint8Array(await smooth.clone().jpeg({ quality: 95 }).toBuffer());
    const turned = new Uint8Array(await smooth.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer());
    expect(probeImage(turned)).toMatchObject({ width: 1200, height: 1600, orientation: 6 });
    const scaled = await decodeImage(jpeg, { targetSize: { width: 80, height: 60 } });
    expect(scaled).toMatchObject({ width: 160, height: 120, channels: 3 });
    const upright = await decodeImage(turned, { targetSize: { width: 60, height: 80 } });
    expect(upright).toMatchObject({ width: 120, height: 160 });
    // Too near to the target to save anything: the whole image.
    expect(await decodeImage(jpeg, { targetSize: { width: 400, height: 300 } })).toMatchObject({ width: 1600 });

    const spec = { color: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] } as const;
    const resize = { mode: 'exact', width: 80, height: 60 } as const;
    const { preprocess } = await import('./preprocess.node.js');
    const exact = await preprocess(jpeg, { ...spec, resize });
    const approximate = await preprocess(jpeg, { ...spec, resize }, { scaledDecoding: true });
    expect(approximate.dims).toEqual(exact.dims);
    const differences = exact.data.map((value, i) => Math.abs(value - approximate.data[i]!));
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(2);
  });
});

it('refuses a PNG whose colour profile is damaged', async () => {
  const profile = Buffer.concat([new TextEncoder().encode('name\0\0'), deflateSync(Buffer.alloc(200))]);
  const file = png(300, 300, chunk('iCCP', profile), pixels(300, 300));
  file[60] = file[60]! ^ 1;
  await expect(decodeImage(file)).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED', message: /iCCP/ });
});

describe('what stands behind an image', () => {
  const behind = Buffer.concat([Buffer.alloc(600, '\xff\xda', 'latin1'), noise(100, 100, 3).data]);

  it('does not count as scans of a progressive JPEG: motion photos have a video there', async () => {
    const { width, height, data } = noise(60, 40, 3);
    const raw = { width, height, channels: 3 } as const;
    const jpeg = await sharp(data, { raw }).jpeg({ progressive: true }).toBuffer();
    const image = await decodeImage(Buffer.concat([jpeg, behind]));
    expect(image.data).toEqual((await decodeImage(jpeg)).data);
  });

  it.each([10, 300])('is not read after a PNG of %d pixels a side', async (side) => {
    const file = png(side, side, pixels(side, side));
    const image = await decodeImage(Buffer.concat([file, behind]));
    expect(image).toMatchObject({ width: side, height: side });
  });
});

describe('a header that tells another size than the pixels have', () => {
  it('of a GIF whose frame reaches beyond its screen gives the size of the frame', async () => {
    const gif = new Uint8Array(fileOf('gif'));
    const { width, height } = probeImage(gif);
    gif.set([width - 4, 0, height - 2, 0], 6);
    expect(probeImage(gif)).toMatchObject({ width, height });
    expect(await decodeImage(gif)).toMatchObject({ width, height });
    expect(() => probeImage(gif.subarray(0, 10))).not.toThrow();
  });

  it('of a TIFF with two widths is refused', async () => {
    const data = noise(40, 24, 3).data;
    const file = tiff({ width: 40, height: 24, samples: 3, bits: 8, photometric: 2, data });
    // The compression, which is none unless said, becomes a second width that our reader believes.
    const entry = 8 + 2 + 3 * 12;
    file.set([0, 1, 3, 0, 1, 0, 0, 0, 20, 0], entry);
    await expect(decodeImage(file)).rejects.toMatchObject({ code: 'IMAGE_DECODE_FAILED' });
  });
});
