import { describe, expect, it } from 'vitest';
import { contactSheet } from './contact-sheet.js';
import { htmlPage } from './html-page.js';
import { linePlot } from './plots.js';

const picture = await linePlot({ title: 'a', series: [] }).toPng({ scale: 0.1 });
const sizeOf = (png: Uint8Array) => {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
};

describe('contactSheet', () => {
  it('embeds every picture with its caption, escaped, cut to three lines', () => {
    const pictures = Array.from({ length: 7 }, (_, i) => ({ bytes: picture, caption: `<b>${i}</b>\nnext` }));
    const sheet = contactSheet({ title: 'Mistakes & more', pictures, columns: 3 });
    const svg = sheet.toSvg();
    expect(svg.match(/<image /g)).toHaveLength(7);
    expect(svg).toContain('Mistakes &amp; more');
    expect(svg).toContain('&lt;b&gt;6&lt;/b&gt;');
    expect(svg).not.toMatch(/<b>|https?:\/\/(?!www\.w3\.org)/);
    expect(svg).toMatch(/width="452"/);
    expect(sheet.toSvg({ theme: 'dark' })).toContain('#1f1f1f');
    const long = contactSheet({ title: 't', pictures: [{ bytes: picture, caption: 'word '.repeat(40) }] }).toSvg();
    expect(long.match(/<text [^>]*font-size="12"/g)).toHaveLength(3);
    expect(long).toContain('…');
  });

  it('is drawn as PNG, and stands in a page', async () => {
    const pictures = [{ bytes: picture, caption: 'cat → dog 98 %' }];
    const sheet = contactSheet({ title: 'Mistakes', pictures, size: 200 });
    const plain = contactSheet({ title: 'Mistakes', pictures: [], size: 200 });
    const [width, height] = sizeOf(await sheet.toPng({ scale: 1 }));
    expect([width, height! > 200]).toEqual([240, true]);
    expect(sizeOf(await plain.toPng({ scale: 1 }))[1]).toBeLessThan(80);
    expect(htmlPage({ title: 't', sections: [{ plot: sheet }] })).toContain(sheet.toSvg());
  });

  it('refuses what is no picture, and options out of range', () => {
    const pictures = [{ bytes: new Uint8Array(8), caption: '' }];
    expect(() => contactSheet({ title: 't', pictures })).toThrow(/PNG, JPEG, GIF or WebP/);
    expect(() => contactSheet({ title: 't', pictures: [], columns: 0 })).toThrow(/at least 1/);
    expect(() => contactSheet({ title: 't', pictures: [] }).toSvg({ theme: 'blue' as never })).toThrow(/theme/);
  });
});
