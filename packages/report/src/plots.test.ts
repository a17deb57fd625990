import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plot } from './plot.js';
import {
  barPlot,
  confusionMatrixPlot,
  heatMapPlot,
  histogramPlot,
  linePlot,
  parallelPlot,
  plotFromSpec,
  scatterPlot,
} from './plots.js';
import { darkColors } from './theme.js';

const line = (points: [number, number][], more: object = {}) =>
  linePlot({ title: 'loss', x: { label: 'step' }, series: [{ name: 'training', points }], ...more });
/** Texts of an SVG, in order. */
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
const pngSize = (png: Uint8Array) => {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
};
const samples: Record<string, () => Plot> = {
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
  scatter: () =>
    scatterPlot({
      title: 'accuracy',
      x: { scale: 'log' },
      series: [
        {
          name: 'float32',
          points: [
            [10, 0.7],
            [100, 0.8],
            [0, 0.9],
          ],
          labels: ['small', 'large', 'nowhere'],
        },
      ],
    }),
  heatMap: () =>
    heatMapPlot({
      title: 'drift',
      rows: ['a', 'b'],
      columns: ['x', 'y'],
      values: [
        [0, 1],
        [Number.NaN, 0.4],
      ],
    }),
  confusionMatrix: () =>
    confusionMatrixPlot({
      title: 'confusion',
      classes: ['cat', 'dog'],
      confusion: [
        [40, 2],
        [7, 30],
      ],
    }),
  parallel: () =>
    parallelPlot({
      title: 'trials',
      axes: [{ key: 'lr', scale: 'log' }, { key: 'optimizer' }, { key: 'accuracy' }],
      rows: [
        { lr: 0.1, optimizer: 'sgd', accuracy: 0.8 },
        { lr: 0.001, optimizer: 'adam', accuracy: 0.9 },
        { lr: 0, optimizer: 'adam', accuracy: 0.9 },
        { optimizer: 'adam', accuracy: null },
      ],
      color: 'accuracy',
    }),
};

describe('SVG', () => {
  it.each(Object.entries(samples))('of a %s plot is the same bytes each time and needs nothing else', (_, plot) => {
    const svg = plot().toSvg();
    expect(plot().toSvg()).toBe(svg);
    expect(svg).toMatch(/^<svg role="img" aria-label="/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|<style|href|https?:\/\/(?!www\.w3\.org)/);
  });

  it.each(Object.entries(samples))('of a %s plot survives JSON', (_, plot) => {
    expect(plotFromSpec(JSON.parse(JSON.stringify(plot().spec))).toSvg()).toBe(plot().toSvg());
  });

  it.each(Object.entries(samples))('of a %s plot exchanges every colour in the dark', (_, plot) => {
    const light = plot().toSvg();
    const dark = plot().toSvg({ theme: 'dark' });
    expect(light).toContain('"#ffffff"');
    for (const color of darkColors.keys()) expect(dark).not.toContain(`"${color}"`);
    // Nothing is drawn in a colour that the theme does not know, or it would be lost in the dark.
    const used = new Set(light.match(/#[0-9a-fA-F]{6}/g));
    expect([...used].filter((color) => !darkColors.has(color))).toEqual([]);
  });

  it('draws a band behind its line, in pieces where it has no value', () => {
    const band = Array.from({ length: 9 }, (_, x): [number, number, number] => [
      x,
      x === 4 ? Number.NaN : x - 1,
      x + 1,
    ]);
    const svg = linePlot({
      title: 't',
      series: [
        {
          name: 'a',
          points: [
            [0, 0],
            [8, 8],
          ],
          band,
        },
      ],
    }).toSvg();
    expect(svg.match(/fill="#4477AA" fill-opacity="0.18"/g)).toHaveLength(2);
    const axis = texts(svg).map(Number);
    expect(Math.min(...axis.filter((value) => !Number.isNaN(value)))).toBeLessThanOrEqual(-1);
  });

  it('leaves out what has no place on a log axis', () => {
    const axis = { scale: 'log' } as const;
    expect(
      texts(
        linePlot({
          title: 't',
          x: axis,
          y: axis,
          series: [
            {
              name: 'a',
              points: [
                [1, 1],
                [10, 1000],
              ],
            },
          ],
        }).toSvg(),
      ),
    ).toEqual(expect.arrayContaining(['1', '10', '1,000']));
    const nothing = linePlot({
      title: 't',
      y: axis,
      series: [
        {
          name: 'a',
          points: [
            [0, 0],
            [1, -5],
          ],
        },
      ],
    });
    expect(texts(nothing.toSvg())).toContain('no data');
    expect(texts(samples.scatter!().toSvg())).not.toContain('nowhere');
  });

  it('draws points that would cover each other once', () => {
    const points = Array.from({ length: 100_000 }, (_, i): [number, number] => [i % 100, i % 7]);
    expect(scatterPlot({ title: 't', series: [{ name: 'a', points }] }).toSvg().length).toBeLessThan(200_000);
  });

  it('shows counts in a confusion matrix, and joins the best of many classes', () => {
    expect(texts(samples.confusionMatrix!().toSvg())).toEqual(
      expect.arrayContaining(['cat', 'dog', '40', '2', 'actual']),
    );
    const classes = Array.from({ length: 100 }, (_, i) => `class ${i}`);
    const confusion = classes.map((_, a) => classes.map((_, p) => (a === p ? 50 : a < 10 && p < 10 ? 3 : 0)));
    const names = texts(confusionMatrixPlot({ title: 't', classes, confusion, height: 1400 }).toSvg());
    expect(names).toContain('70 other classes');
    expect(names).toContain('class 9');
    expect(names).not.toContain('class 99');
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
    const dots = (points: [number, number][]) => line(points).toSvg().split('<circle').length - 1;
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
    expect(pngSize(await samples.bar!().toPng({ scale: 0.5 }))).toEqual([360, 210]);
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
    expect(Buffer.compare(await samples.histogram!().toPng(), await samples.histogram!().toPng())).toBe(0);
  });
});

describe('what plots refuse', () => {
  it.each([
    [() => linePlot({ title: 't', series: [], width: 3 }), /at least 240 for width of linePlot/],
    [() => linePlot({ title: 't', series: [], y: { min: 2, max: 1 } }), /min below max/],
    [() => barPlot({ title: 't', categories: ['a'], series: [{ name: 's', values: [] }] }), /Expected 1 values/],
    [() => histogramPlot({ title: 't', edges: [0, 0], series: [] }), /strictly ascending/],
    [() => linePlot({ title: 't', series: [], y: { scale: 'log', min: 0 } }), /ends above 0 of a log axis/],
    [() => heatMapPlot({ title: 't', rows: ['a'], columns: ['b'], values: [[1, 2]] }), /1 rows of 1 for values/],
    [() => confusionMatrixPlot({ title: 't', classes: ['a'], confusion: [] }), /1 rows of 1/],
    [() => parallelPlot({ title: 't', axes: [{ key: 'a' }], rows: [] }), /axes of parallelPlot/],
    [() => parallelPlot({ title: 't', axes: [{ key: 'a' }, { key: 'b' }], rows: [], color: 'c' }), /one of a, b/],
    [() => scatterPlot({ title: 't', series: [{ name: 'a', points: [[0, 1]], labels: [] }] }), /one label per point/],
    [() => plotFromSpec({ kind: 'pie' } as never), /one of line, bar, .* received pie/],
    [() => samples.line!().toSvg({ theme: 'blue' as never }), /theme of toSvg/],
    [() => histogramPlot({ title: 't', edges: [0, 1], series: [{ name: 's', shares: [1, 2] }] }), /Expected 1 shares/],
    [() => histogramPlot({ title: 't', edges: [0, 1], series: [{ name: 's', shares: [-1] }] }), /shares/],
  ])('%s', (call, message) => {
    expect(call).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });

  it('a scale out of range', async () => {
    await expect(samples.line!().toPng({ scale: 100 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});
