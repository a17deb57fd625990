import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { htmlPage } from './html-page.js';
import { linePlot } from './plots.node.js';

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
    expect(html).toContain('<th class="number">A</th>');
    expect(html).toContain('<td class="number">1.00</td>');
  });

  it('needs nothing from outside and lets nothing run', () => {
    const html = htmlPage({ title: 't', sections: [{ plot }] });
    expect(html).not.toMatch(/<script|<link|<img|@import|url\((?!#)|https?:\/\/(?!www\.w3\.org)/);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"`);
    expect(html).toContain('prefers-color-scheme: dark');
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
        sections: [{ heading: text, text: `x${text.replaceAll('\n', ' ')}x`, table: [{ [`k${text}`]: text }] }],
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
    () => htmlPage({ sections: [] } as never),
  ])('refuses %s', (call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
