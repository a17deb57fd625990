import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlPage } from './html-page.js';
import { confusionMatrixPlot, linePlot, parallelPlot, plotFromSpec, scatterPlot } from './plots.js';
import { sortScriptElement, sortScriptHash } from './sort-script.js';

const plot = linePlot({ title: 'loss', series: [{ name: 'a', points: [[0, 1]] }] });
const tags = (html: string) => [...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([tag]) => tag);

describe('htmlPage', () => {
  it('shows headings, text, markup, plots and tables, in that order', () => {
    const html = htmlPage({
      title: 'Report',
      sections: [
        { heading: 'Loss', text: 'One.\n\nTwo.', html: '<em>mine</em>', plot, table: [{ model: 'a', bytes: 1200 }] },
        { table: [{ a: 1 }], columns: [{ key: 'a', title: 'A', digits: 2 }] },
      ],
    });
    const order = [
      '<h1>Report</h1>',
      '<h2>Loss</h2>',
      '<p>One.</p>',
      '<p>Two.</p>',
      '<em>mine</em>',
      plot.toSvg(),
      '1,200',
    ];
    const places = order.map((part) => html.indexOf(part));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(html).toContain('<th scope="col" class="number"><button type="button">A</button></th>');
    expect(html).toContain('<td class="number" data-value="1">1.00</td>');
  });

  it('needs nothing from outside and lets nothing run but the script that sorts', () => {
    const html = htmlPage({ title: 't', sections: [{ plot }] });
    const hash = createHash('sha256').update(sortScriptElement.slice('<script>'.length, -'</script>'.length));
    expect(sortScriptHash).toBe(`sha256-${hash.digest('base64')}`);
    expect(html).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src '${sortScriptHash}'"`,
    );
    expect(html.replace(sortScriptElement, '')).not.toMatch(
      /<script|<link|<img|@import|url\((?!#)|https?:\/\/(?!www\.w3\.org)/,
    );
    expect(html).toContain('prefers-color-scheme: dark');
  });

  it('shows each plot laid out for wide and for narrow screens', () => {
    const html = htmlPage({ title: 't', sections: [{ plot }] });
    expect(html).toContain(`<figure class="broad">${plot.toSvg()}</figure>`);
    expect(html).toContain(`<figure class="narrow">${plotFromSpec({ ...plot.spec, width: 400 }).toSvg()}</figure>`);
  });

  it('draws specs of plots, a confusion matrix too', () => {
    const matrix = {
      kind: 'confusionMatrix',
      title: 'c',
      classes: ['a', 'b'],
      confusion: [
        [3, 1],
        [0, 2],
      ],
    } as const;
    const html = htmlPage({
      title: 't',
      sections: [{ plot: plot.spec }, { plot: JSON.parse(JSON.stringify(matrix)) }],
    });
    expect(html).toContain(plot.toSvg());
    const { kind: _, ...options } = matrix;
    expect(html).toContain(confusionMatrixPlot(options).toSvg());
    expect(() => htmlPage({ title: 't', sections: [{ plot: {} as never }] })).toThrow(/a plot/);
  });

  it('stays below 400 kB with every kind of plot, a long table and 40 thumbnails', async () => {
    const wave = (phase: number) =>
      Array.from({ length: 400 }, (_, i): [number, number] => [i, Math.sin(i / 40 + phase)]);
    const names = Array.from({ length: 10 }, (_, i) => `class ${i}`);
    const trials = Array.from({ length: 60 }, (_, i) => ({
      lr: 10 ** -(1 + (i % 7) / 2),
      optimizer: `sgd${i % 3}`,
      top1: i / 60,
    }));
    const sections = [
      { plot: linePlot({ title: 'loss', series: [0, 1, 2].map((i) => ({ name: `run ${i}`, points: wave(i) })) }) },
      {
        plot: confusionMatrixPlot({
          title: 'c',
          classes: names,
          confusion: names.map((_, a) => names.map((_, b) => a + b)),
        }),
      },
      { plot: scatterPlot({ title: 's', series: [{ name: 'a', points: wave(0) }] }) },
      {
        plot: parallelPlot({
          title: 'p',
          axes: [{ key: 'lr', scale: 'log' }, { key: 'optimizer' }, { key: 'top1' }],
          rows: trials,
        }),
      },
      {
        table: Array.from({ length: 300 }, (_, i) => ({
          image: `test/${i}.jpg`,
          label: names[i % 10],
          score: i / 300,
        })),
      },
    ];
    // As large as a photo of 96 × 96 pixels at JPEG quality 75.
    const photo = new Uint8Array(2600);
    photo.set([0xff, 0xd8, 0xff]);
    const thumbnails = Array.from({ length: 40 }, (_, i) => ({ bytes: photo, caption: `photo ${i}` }));
    const html = htmlPage({ title: 'Report', sections: [...sections, { thumbnails }] });
    expect(html.split('data:image/jpeg;base64,')).toHaveLength(41);
    expect(new TextEncoder().encode(html).length).toBeLessThan(400_000);
  });

  it('is the same bytes for the same input', () => {
    const page = () => htmlPage({ title: 't', sections: [{ plot, table: [{ a: 1 }] }] });
    expect(page()).toBe(page());
  });

  it('never lets text become markup', () => {
    const evil = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '<script>alert(1)</script>',
        '"><img src=x onerror=alert(1)>',
        "' onload='x",
        '</title><script>',
        '</style><svg onload=x>',
        '<!--',
        '&lt;b&gt;',
      ),
    );
    const page = (text: string) =>
      htmlPage({
        title: text,
        sections: [
          {
            heading: text,
            text: `x${text.replaceAll('\n', ' ')}x`,
            table: [{ [`k${text}`]: text }],
            thumbnails: [{ bytes: new Uint8Array([0xff, 0xd8, 0xff]), caption: text }],
          },
        ],
      });
    const harmless = tags(page('a'));
    fc.assert(
      fc.property(evil, (text) => {
        const html = page(text);
        expect(tags(html)).toEqual(harmless);
        expect(html.match(/<!--/)).toBeNull();
      }),
    );
  });

  it.each([
    () => htmlPage({ title: 't', sections: [{ plot: 'x' as never }] }),
    () => htmlPage({ title: 't', sections: [{ table: 3 as never }] }),
    () => htmlPage({ title: 't', sections: [{ thumbnails: [{ bytes: new Uint8Array(9), caption: 'no picture' }] }] }),
    () => htmlPage({ sections: [] } as never),
  ])('refuses %s', (call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
