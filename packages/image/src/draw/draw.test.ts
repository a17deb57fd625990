import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blankCanvas } from './canvas.js';
import { type Color, readableOn } from './class-color.js';
import { defaultFont } from './default-font.js';
import { fill } from './fill.js';
import { annotateImage, classColor, contactSheet, loadFont } from './index.js';
import { placeTag } from './label.js';
import { maskBounds } from './mask.js';
import { circle, frame, type Outline, rectangle, thickLine } from './outline.js';
import { scenes } from './scenes.fixture.js';
import { cutText, fillText, textWidth } from './text.js';

const black = [0, 0, 0] as const;
const white = [255, 255, 255] as const;

/** How many pixels' worth of white was drawn. */
function inked(outlines: Outline[], width = 40, height = 40): number {
  const canvas = blankCanvas(width, height, black);
  fill(canvas, outlines, white);
  return canvas.data.reduce((sum, value) => sum + value, 0) / 3 / 255;
}

describe('fill', () => {
  it('covers exactly the area of a rectangle, whole and in parts of pixels', () => {
    const side = fc.double({ min: 0, max: 40, noNaN: true });
    fc.assert(
      fc.property(side, side, side, side, (a, b, c, d) => {
        const [left, right] = [Math.min(a, b), Math.max(a, b)];
        const [top, bottom] = [Math.min(c, d), Math.max(c, d)];
        const area = (right - left) * (bottom - top);
        // Each pixel of the rim is rounded to one of 256 levels; faint ones are left out.
        expect(Math.abs(inked([rectangle(left, top, right, bottom)]) - area)).toBeLessThan(0.02 + 160 * 0.003);
      }),
    );
  });

  it('covers the area of any triangle, whichever way round, and nothing outside the image', () => {
    const place = fc.double({ min: 1, max: 39, noNaN: true });
    fc.assert(
      fc.property(fc.array(place, { minLength: 6, maxLength: 6 }), (corners) => {
        const [ax, ay, bx, by, cx, cy] = corners as [number, number, number, number, number, number];
        const area = Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2;
        expect(Math.abs(inked([corners]) - area)).toBeLessThan(0.5);
        expect(inked([[cx, cy, bx, by, ax, ay]])).toBeCloseTo(inked([corners]), 1);
        // The left half alone, drawn on an image that ends in the middle.
        expect(inked([corners], 20)).toBeLessThanOrEqual(inked([corners]) + 0.1);
      }),
    );
  });

  it('leaves out what another outline turns round, and draws circles and lines', () => {
    expect(inked(frame(5, 5, 25, 15, 2))).toBeCloseTo(20 * 10 - 16 * 6, 5);
    expect(inked([circle(20, 20, 10)])).toBeCloseTo(Math.PI * 100, -0.5);
    expect(inked([thickLine(5, 5, 35, 35, 3)])).toBeCloseTo(Math.sqrt(1800) * 3, -0.5);
    expect(inked([thickLine(5, 5, 5, 5, 3)])).toBe(0);
    expect(inked([rectangle(-100, -100, -50, 200)])).toBe(0);
    expect(inked([rectangle(-100, -100, 200, 200)])).toBe(1600);
  });
});

describe('text', () => {
  const golden = JSON.parse(
    readFileSync(new URL('../../../../test/goldens/image/text.json', import.meta.url), 'utf8'),
  ) as { cases: { text: string; size: number; length: number; width: number; height: number; ink: string }[] };

  it.each(golden.cases)('$text is as long and has the ink that Pillow gives it', ({ text, size, length, ...box }) => {
    expect(Math.abs(textWidth(text, size, defaultFont) / length - 1)).toBeLessThan(0.02);
    const canvas = blankCanvas(box.width, box.height, black);
    fillText(canvas, text, 4, size, { size, font: defaultFont, color: white });
    const expected = Buffer.from(box.ink, 'base64');
    let [both, either] = [0, 0];
    for (const [pixel, ink] of expected.entries()) {
      const ours = canvas.data[pixel * 3]!;
      both += Math.min(ours, ink);
      either += Math.max(ours, ink);
    }
    // FreeType moves stems to whole pixels; apart from that the letters are the same.
    expect(both / either).toBeGreaterThan(0.75);
  });

  it('shows a square for what the font lacks, composes marks, and never draws control characters', () => {
    expect(textWidth('猫', 20, defaultFont)).toBe(textWidth('□', 20, defaultFont));
    expect(textWidth('a\u0308', 20, defaultFont)).toBe(textWidth('ä', 20, defaultFont));
    expect(textWidth('\n', 20, defaultFont)).toBe(textWidth(' ', 20, defaultFont));
  });

  it('is cut to any width with an ellipsis', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.integer({ min: 0, max: 300 }), (text, width) => {
        const cut = cutText(text, 14, defaultFont, width);
        expect(textWidth(cut, 14, defaultFont)).toBeLessThanOrEqual(Math.max(width, 0));
        if (cut !== text) expect(cut === '' || cut.endsWith('…')).toBe(true);
      }),
    );
  });

  it('is cut in time that grows with its length alone', () => {
    const start = performance.now();
    expect(cutText('long '.repeat(100_000), 14, defaultFont, 200)).toMatch(/^long .*…$/);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('takes fonts of the user', async () => {
    const { resolve } = createRequire(import.meta.url);
    const regular = await loadFont(new Uint8Array(readFileSync(resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'))));
    expect(textWidth('person', 20, regular)).toBeLessThan(textWidth('person', 20, defaultFont));
    expect(regular.glyph(0x732b)).toBeUndefined();
    const bold = await loadFont(new Uint8Array(readFileSync(resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'))));
    for (const character of 'Agß&Ж') {
      const [baked, loaded] = [defaultFont, bold].map((font) => font.glyph(character.codePointAt(0)!)!);
      expect(Math.abs(baked!.advance - loaded!.advance)).toBeLessThan(0.006);
      expect(baked!.contours).toHaveLength(loaded!.contours.length);
    }
    await expect(loadFont(new Uint8Array(100))).rejects.toMatchObject({ code: 'IMAGE_FONT_INVALID' });
  });
});

describe('annotateImage and contactSheet', () => {
  it.each(Object.entries(scenes))('%s is the same bytes as everywhere', async (_, { make, sha256 }) => {
    const hash = await crypto.subtle.digest('SHA-256', make().data);
    expect(Buffer.from(hash).toString('hex')).toBe(sha256);
  });

  it('draws on a copy, keeps the size, and takes grey and alpha', () => {
    for (const channels of [1, 3, 4] as const) {
      const image = { width: 30, height: 20, channels, data: new Uint8Array(600 * channels).fill(9) };
      const drawn = annotateImage(image, { boxes: [{ box: [2, 2, 20, 15], label: 'a' }] });
      expect(image.data.every((value) => value === 9)).toBe(true);
      expect(drawn).toMatchObject({ width: 30, height: 20, channels: channels === 4 ? 4 : 3 });
      expect(drawn.data.some((value) => value !== 9)).toBe(true);
    }
  });

  it('takes boxes, labels and keypoints anywhere, on images of any size', () => {
    const number = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    const box = fc.tuple(number, number, number, number);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.record({ box, label: fc.string(), score: fc.double({ min: 0, max: 1, noNaN: true }) }), {
          maxLength: 4,
        }),
        fc.array(fc.tuple(number, number), { maxLength: 3 }),
        (width, height, boxes, points) => {
          const image = { width, height, channels: 3 as const, data: new Uint8Array(width * height * 3) };
          const skeleton = [
            [0, 1],
            [1, 2],
          ] as const;
          const drawn = annotateImage(image, { boxes, keypoints: [{ points, skeleton }] });
          expect(drawn.data).toHaveLength(width * height * 3);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('paints exactly the pixels of a mask, whatever kind of array it is and wherever they are', () => {
    const size = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(size, size, fc.infiniteStream(fc.constantFrom(0, 0, 0, 0, 1, 255)), (width, height, pixels) => {
        const mask = Uint8Array.from({ length: width * height }, () => pixels.next().value as number);
        const [left, top] = [mask.findIndex((value) => value !== 0), 0];
        const image = { width, height, channels: 3 as const, data: new Uint8Array(width * height * 3).fill(100) };
        const drawn = annotateImage(image, { masks: [{ mask, color: [200, 0, 50] }] }, { maskOpacity: 0.5 }).data;
        const bounds = maskBounds(mask, width, height);
        expect(bounds === undefined).toBe(left < top);
        expect(maskBounds(Array.from(mask), width, height)).toEqual(bounds);
        for (const [pixel, value] of mask.entries()) {
          const [x, y] = [pixel % width, Math.floor(pixel / width)];
          const inner = [x > 0 && -1, x < width - 1 && 1, y > 0 && -width, y < height - 1 && width].every(
            (step) => step === false || mask[pixel + Number(step)] !== 0,
          );
          const expected = value === 0 ? [100, 100, 100] : inner ? [150, 50, 75] : [200, 0, 50];
          expect([...drawn.subarray(pixel * 3, pixel * 3 + 3)], `pixel ${pixel}`).toEqual(expected);
        }
      }),
    );
  });

  it('lays colours over see-through pixels as Porter and Duff do', () => {
    const data = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 10, 20, 30, 255, 10, 20, 30, 255);
    const image = { width: 4, height: 1, channels: 4 as const, data };
    const classes = [1, 1, 1, 0];
    const drawn = annotateImage(image, { classMap: { classes } }, { maskOpacity: 0.5 }).data;
    const [red, green, blue] = classColor(1);
    // On nothing the colour stays pure; half on half is 2/3 of it at 3/4 opacity.
    expect([...drawn.subarray(0, 4)]).toEqual([red, green, blue, 128]);
    expect([...drawn.subarray(4, 8)]).toEqual([...[red, green, blue].map((c) => Math.round(c * 0.666)), 192]);
    expect([...drawn.subarray(8, 11)]).toEqual(
      [red, green, blue].map((c, i) => Math.round((c + [10, 20, 30][i]!) / 2)),
    );
    expect([...drawn.subarray(11)]).toEqual([255, 10, 20, 30, 255]);
  });

  it('fills long oblique lines and large frames as a single band would', () => {
    const canvas = blankCanvas(300, 200, black);
    fill(canvas, [thickLine(-50, 190, 280, 3, 9)], white);
    fill(canvas, frame(20.25, 10.5, 290.5, 190.75, 6), white);
    for (const [x, y] of [
      [150, 76],
      [100, 105],
      [22, 100],
      [288, 33],
    ] as const) {
      expect(canvas.data[(y * 300 + x) * 3], `${x}, ${y}`).toBe(255);
    }
    for (const [x, y] of [
      [150, 95],
      [40, 50],
      [10, 10],
      [270, 150],
    ] as const) {
      expect(canvas.data[(y * 300 + x) * 3], `${x}, ${y}`).toBe(0);
    }
    expect(inked([thickLine(10, 10, 250, 190, 3)], 300, 200)).toBeCloseTo(300 * 3, -0.5);
  });

  it('draws a box from any two opposite corners', () => {
    const canvas = blankCanvas(30, 20, black);
    const drawn = annotateImage(canvas, { boxes: [{ box: [2, 3, 25, 15] }] });
    expect(annotateImage(canvas, { boxes: [{ box: [25, 15, 2, 3] }] })).toEqual(drawn);
  });

  it('leaves an image without annotations as it is', () => {
    const image = { width: 2, height: 1, channels: 3 as const, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    expect(annotateImage(image, {}).data).toEqual(image.data);
  });

  it('puts labels above their boxes, where there is room, and never over one another while there is any', () => {
    const canvas = blankCanvas(100, 100, black);
    const tag = { width: 30, height: 10 };
    const box = { left: 80, top: 40, width: 15, height: 20 };
    const first = placeTag(canvas, tag, box, []);
    expect(first).toEqual({ left: 70, top: 30, ...tag });
    expect(placeTag(canvas, tag, box, [first])).toEqual({ left: 70, top: 60, ...tag });
    expect(placeTag(canvas, tag, { ...box, top: 3 }, [])).toEqual({ left: 70, top: 23, ...tag });
    const wide = { left: 10, top: 40, width: 80, height: 20 };
    const atLeft = [30, 60, 40, 50].map((top) => ({ left: 10, top, ...tag }));
    expect(placeTag(canvas, tag, wide, atLeft)).toEqual({ left: 60, top: 30, ...tag });
    const full = [
      ...atLeft,
      ...[30, 60, 40, 50].map((top) => ({ left: 60, top, ...tag, height: top === 40 ? 2 : 10 })),
    ];
    expect(placeTag(canvas, tag, wide, full)).toEqual({ left: 60, top: 40, ...tag });
  });

  it('writes labels in the colour that has contrast on theirs', () => {
    const linear = (sample: number) => (sample <= 10 ? sample / 3294 : ((sample / 255 + 0.055) / 1.055) ** 2.4);
    const luminance = ([r, g, b]: Color) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    const contrast = (color: Color) => {
      const [low, high] = [luminance(color), luminance(readableOn(color))].sort((a, b) => a - b) as [number, number];
      return (high + 0.05) / (low + 0.05);
    };
    for (let index = 0; index < 20; index++) expect(contrast(classColor(index)), `class ${index}`).toBeGreaterThan(4.5);
    const sample = fc.nat(255);
    fc.assert(fc.property(fc.tuple(sample, sample, sample), (color) => contrast(color) > 4));
  });

  const image = blankCanvas(8, 8, white);
  it.each([
    [() => annotateImage({ ...image, data: new Float32Array(192) }, {}), /8-bit data/],
    [() => annotateImage(image, { boxes: [{ box: [1, 2, 3] }] }), /four finite numbers .* box 0 but received 1, 2, 3/],
    [() => annotateImage(image, { boxes: [{ box: [1, 2, 3, Number.NaN] }] }), /box 0/],
    [
      () => annotateImage(image, { masks: [{ mask: [1] }] }),
      /8 × 8 pixels, as the image has, for mask 0 but received 1/,
    ],
    [() => annotateImage(image, { classMap: { classes: [] } }), /for classMap/],
    [() => annotateImage(image, { classMap: { classes: new Array(64).fill(0.5) } }), /integer for pixel 0 of classMap/],
    [() => annotateImage(image, {}, { maskOpacity: 2 }), /maskOpacity/],
    [() => contactSheet([]), /at least one picture/],
    [() => contactSheet([{ image }], { cellSize: 3 }), /cellSize/],
    [() => contactSheet(new Array(20_000).fill({ image }), { cellSize: 128 }), /at most 100000000 pixels/],
  ])('refuses %s', (call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});

describe('annotations from elsewhere', () => {
  const image = { width: 40, height: 30, channels: 3 as const, data: new Uint8Array(3600).fill(128) };
  const box = [5, 5, 20, 20];

  it.each<[string, unknown]>([
    ['none at all', undefined],
    ['an unknown kind', { box: [box] }],
    ['a box without corners', { boxes: [{}] }],
    ['a class that is no integer', { boxes: [{ box, classIndex: Number.NaN }] }],
    ['a colour by name', { boxes: [{ box, color: '#ff0000' }] }],
    ['a colour out of range', { boxes: [{ box, color: [0, 300, 0] }] }],
    ['a score that is no number', { boxes: [{ box, label: 'cat', score: Number.NaN }] }],
    ['keypoints without points', { keypoints: [{}] }],
    ['a mask without pixels', { masks: [{}] }],
  ])('refuses %s', (_, annotations) => {
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    expect(() => annotateImage(image, annotations as object)).toThrow(refused);
  });

  it('labels no box that lies outside the image', () => {
    const away = [-300, -300, -200, -200];
    expect(annotateImage(image, { boxes: [{ box: away, label: 'away' }] }).data).toEqual(image.data);
    const huge = [-1e9, -1e9, 1e9, 1e9];
    expect(annotateImage(image, { boxes: [{ box: huge, label: 'huge' }] }).data).not.toEqual(image.data);
  });

  it('refuses a colour of a caption that is none', () => {
    const refused = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    expect(() => contactSheet([{ image, caption: 'x', color: [0, 0] as never }])).toThrow(refused);
    expect(() => contactSheet([{ image }], { background: [0, 0, 999] })).toThrow(refused);
  });
});
