import { isPerceptError } from '@percept/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import goldens from '../../../test/goldens/image/decode.json' with { type: 'json' };
import { fromBase64 } from '../../../test/goldens/image/goldens.js';
import { decodeImage } from './decode.node.js';
import { probeImage } from './probe.js';

const files = goldens.cases.map(({ name, file }) => ({ name, bytes: fromBase64(file) }));

/** Bytes 0..255 or a PerceptError; nothing else may come out of a parser. */
function onlyPerceptErrors(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(isPerceptError(error), String(error)).toBe(true);
  }
}

describe('probeImage', () => {
  it.each(goldens.cases)('reads the header of $name', ({ name, file, width, height }) => {
    expect(probeImage(fromBase64(file))).toMatchObject({
      format: name.split('-')[0],
      width,
      height,
      orientation: Number(/orientation-(\d)/.exec(name)?.[1] ?? 1),
    });
  });

  it('needs only the first bytes of a file', () => {
    const { bytes } = files.find(({ name }) => name === 'webp-lossy')!;
    expect(probeImage(bytes.subarray(0, 40))).toMatchObject({ width: 21, height: 13 });
    const png = files.find(({ name }) => name === 'png-rgba-8')!.bytes;
    expect(probeImage(png.subarray(0, 40))).toMatchObject({ width: 21, height: 13 });
  });

  it('says what is wrong with a header that is cut off', () => {
    const { bytes } = files.find(({ name }) => name === 'jpeg-420')!;
    expect(() => probeImage(bytes.subarray(0, 30))).toThrowError(/whole JPEG header .* ends at byte 30/);
  });

  it('answers any bytes with a result or a coded error', () => {
    const starts = [[], ...files.map(({ bytes }) => [...bytes.subarray(0, 16)])];
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        onlyPerceptErrors(() => probeImage(Uint8Array.from([...start, ...rest])));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('damaged files', () => {
  const damaged = fc
    .record({
      file: fc.constantFrom(...files),
      changes: fc.array(fc.record({ share: fc.double({ min: 0, max: 0.999, noNaN: true }), byte: fc.nat(255) }), {
        maxLength: 6,
      }),
      keep: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ file, changes, keep }) => {
      const bytes = file.bytes.slice();
      for (const { share, byte } of changes) bytes[Math.floor(share * bytes.length)] = byte;
      return bytes.subarray(0, Math.ceil(keep * bytes.length));
    });

  it('are probed without anything but coded errors', () => {
    fc.assert(
      fc.property(damaged, (bytes) => onlyPerceptErrors(() => probeImage(bytes))),
      { numRuns: 3000 },
    );
  });

  it('are decoded to a whole image or a coded error', async () => {
    await fc.assert(
      fc.asyncProperty(damaged, async (bytes) => {
        try {
          const { width, height, channels, data } = await decodeImage(bytes, { maxPixels: 100_000 });
          expect(data.length).toBe(width * height * channels);
        } catch (error) {
          expect(isPerceptError(error), String(error)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});
