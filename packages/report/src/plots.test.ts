import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barPlot, histogramPlot, linePlot } from './plots.node.js';

const line = (points: [number, number][], more: object = {}) =>
  linePlot({ title: 'loss', x: { label: 'step' }, series: [{ name: 'training', points }], ...more });
/** Texts of an SVG, in order. */
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
const pngSize = (png: Uint8Array) => {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
};
const samples = {
  line: () =>
    line([
      [0, 2.3],
      [1, 1.1],
      [2, Number.NaN],
      [3, 0.7],
    ]),
  bar: () =>
    barPlot({ title: 'images', categories: ['bag', 'shoe'], series: [{ name: 'train', values: [12_000, 5] }] }),
  histogram: () =>
    histogramPlot({ title: 'brightness', edges: [0, 0.5, 1], series: [{ name: 'now', shares: [0.25, 0.75] }] }),
};

describe('SVG', () => {
  it.each(Object.entries(samples))('of a %s plot is the same bytes each time and needs nothing else', (_, plot) => {
    const svg = plot().toSvg();
    expect(plot().toSvg()).toBe(svg);
    expect(svg).toMatch(/^<svg role="img" aria-label="/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|<style|href|https?:\/\/(?!www\.w3\.org)/);
  });

  it('keeps the ids of different plots apart and those of equal plots equal', () => {
    const ids = (svg: string) => [...svg.matchAll(/id="([^"]+)"/g)].map(([, id]) => id);
    const [one, two] = [
      ids(line([[0, 1]]).toSvg()),
      ids(
        line([
          [0, 2],
          [1, 3],
        ]).toSvg(),
      ),
    ];
    expect(one.length).toBeGreaterThan(0);
    expect(one.filter((id) => two.includes(id))).toEqual([]);
    expect(ids(line([[0, 1]]).toSvg())).toEqual(one);
  });

  it('escapes titles, names and categories', () => {
    const evil = `</text><script>alert(1)</script>"onload="x' & <b>`;
    const svg = barPlot({
      title: evil,
      categories: [evil],
      series: [
        { name: evil, values: [1] },
        { name: 'b', values: [2] },
      ],
      x: { label: evil },
    }).toSvg();
    expect(svg).not.toMatch(/<script|<b>|"onload=/);
    expect(svg).toContain('&lt;script&gt;');
  });

  it('labels axes with thousands separators and short magnitudes', () => {
    expect(
      texts(
        line([
          [0, 0],
          [10_000, 3e10],
        ]).toSvg(),
      ),
    ).toEqual(expect.arrayContaining(['10,000', '30B', 'step', 'loss']));
  });

  it('says so when there is nothing to see', () => {
    expect(texts(linePlot({ title: 't', series: [] }).toSvg())).toContain('no data');
    expect(
      texts(
        line([
          [0, Number.NaN],
          [Number.NaN, 1],
        ]).toSvg(),
      ),
    ).toContain('no data');
    expect(texts(barPlot({ title: 't', categories: [], series: [] }).toSvg())).toContain('no data');
    expect(texts(line([[0, 1]]).toSvg())).not.toContain('no data');
  });

  it('shows a single point, and a point between gaps of a long line, as a dot', () => {
    const dots = (points: [number, number][]) => line(points).toSvg().split('A1 1 0 1 1').length - 1;
    expect(dots([[5, 1]])).toBe(1);
    const long = Array.from({ length: 100 }, (_, i): [number, number] => [i, i === 49 || i === 51 ? Number.NaN : i]);
    expect(dots(long)).toBe(1);
  });

  it('stays small for long runs', () => {
    const points = Array.from({ length: 50_000 }, (_, i): [number, number] => [i, Math.sin(i / 500)]);
    expect(line(points).toSvg().length).toBeLessThan(30_000);
  });

  it('puts the legend below the title, whatever their length, and inside the picture', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2, max: 9 }), (words, names) => {
        const svg = linePlot({
          title: Array.from({ length: words }, () => 'accuracy').join(' '),
          series: Array.from({ length: names }, (_, i) => ({ name: `learning rate ${i}`, points: [[0, i]] as const })),
        }).toSvg();
        const baseline = (element: string) =>
          Number(/translate\([-\d.]+ ([-\d.]+)\)/.exec(element)?.[1]) +
          Number(/ y="([-\d.]+)"/.exec(element)?.[1] ?? 0);
        const elements = svg.match(/<text.*?<\/text>/gs) ?? [];
        const titleEnd = Math.max(...elements.filter((e) => e.includes('bold')).map(baseline));
        const legend = elements.filter((e) => e.includes('learning rate'));
        expect(legend).toHaveLength(names);
        for (const element of legend) expect(baseline(element)).toBeGreaterThan(titleEnd + 10);
      }),
      { numRuns: 20 },
    );
  });

  it('takes any numbers', () => {
    const any = fc.double();
    fc.assert(
      fc.property(fc.array(fc.tuple(any, any), { maxLength: 40 }), (points) => {
        expect(line(points).toSvg()).not.toMatch(/>(?:NaN|Infinity|undefined)</);
        const values = points.map(([, y]) => y);
        const plot = barPlot({ title: '', categories: values.map(String), series: [{ name: 'a', values }] });
        expect(plot.toSvg()).toContain('</svg>');
      }),
      { numRuns: 40 },
    );
  });
});

describe('PNG in Node', () => {
  it('has the size times the scale, and text', async () => {
    const png = await line(
      [
        [0, 1],
        [1, 2],
      ],
      { width: 300, height: 200 },
    ).toPng();
    expect(pngSize(png)).toEqual([600, 400]);
    expect(pngSize(await samples.bar().toPng({ scale: 0.5 }))).toEqual([360, 210]);
    const untitled = await line(
      [
        [0, 1],
        [1, 2],
      ],
      { width: 300, height: 200, title: '' },
    ).toPng();
    expect(Buffer.compare(png, untitled)).not.toBe(0);
  });

  it('is the same bytes each time', async () => {
    expect(Buffer.compare(await samples.histogram().toPng(), await samples.histogram().toPng())).toBe(0);
  });
});

describe('what plots refuse', () => {
  it.each([
    [() => linePlot({ title: 't', series: [], width: 3 }), /at least 240 for width of linePlot/],
    [() => linePlot({ title: 't', series: [], y: { min: 2, max: 1 } }), /min below max/],
    [() => barPlot({ title: 't', categories: ['a'], series: [{ name: 's', values: [] }] }), /Expected 1 values/],
    [() => histogramPlot({ title: 't', edges: [0, 0], series: [] }), /strictly ascending/],
    [() => histogramPlot({ title: 't', edges: [0, 1], series: [{ name: 's', shares: [1, 2] }] }), /Expected 1 shares/],
    [() => histogramPlot({ title: 't', edges: [0, 1], series: [{ name: 's', shares: [-1] }] }), /shares/],
  ])('%s', (call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });

  it('a scale out of range', async () => {
    await expect(samples.line().toPng({ scale: 100 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
