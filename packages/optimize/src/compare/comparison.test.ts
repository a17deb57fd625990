import { describe, expect, it } from 'vitest';
import { Comparison } from './comparison.js';
import { comparisonFigures } from './comparison-figures.fixture.js';
import { comparisonJsonSchema } from './comparison-json.js';

const comparison = new Comparison(comparisonFigures);

describe('Comparison', () => {
  it('prints tables', () => {
    expect(comparison.table()).toMatchInlineSnapshot(`
      "model            kB  gzip kB  smaller ×  p50 ms  p95 ms  faster ×  accuracy %     interval  agreement %      interval  McNemar p  front
      ──────────  ───────  ───────  ─────────  ──────  ──────  ────────  ──────────  ───────────  ───────────  ────────────  ─────────  ─────
      float       1,092.0    982.8       1.00    1.25    1.31      1.00       91.65  91.15–92.15       100.00  99.90–100.00          –  ●
      int8          325.0    292.5       3.36    0.84    0.87      1.50       91.50  91.00–92.00        98.76   98.52–98.96      0.151  ●
      slow & bad  2,000.0  1,800.0       0.55    2.09    2.18      0.60       80.00  79.50–80.50        80.00   79.20–80.77     1e-300

      model       M parameters  M MACs  memory MB  images/s, 1 thread, batch 1  images/s, 2 threads, batch 8
      ──────────  ────────────  ──────  ─────────  ───────────────────────────  ────────────────────────────
      float              0.272   40.81       12.3                        797.4                       1,275.9
      int8               0.272   40.81       12.3                      1,196.2                       1,913.9
      slow & bad         0.272       –          –                        478.5                             –

      10000 images, 95 % intervals, onnxruntime-node, Test CPU, 2 cores, AVX2 + AVX-512 VNNI, Node 0.0.0, linux x64
      Note: slow & bad takes batches of 1 only and was not timed with 8"
    `);
  });

  it('is JSON of a form that holds, and comes back from it the same', async () => {
    const json = JSON.parse(JSON.stringify(comparison));
    expect(json).toEqual(comparison.json());
    expect(comparisonJsonSchema.safeParse(json).error).toBeUndefined();
    // The names that others build upon, whatever else is added.
    expect(Object.keys(json).sort()).toEqual(
      ['schema', 'version', 'images', 'confidence', 'runtime', 'machine', 'notes', 'rows'].sort(),
    );
    expect(json).toMatchObject({ schema: 'percept.comparison', version: 1 });
    expect(Object.keys(json.rows[1]).sort()).toMatchInlineSnapshot(`
      [
        "accuracy",
        "accuracyInterval",
        "agreement",
        "agreementInterval",
        "bytes",
        "gzipBytes",
        "latencies",
        "latency",
        "macs",
        "memoryBytes",
        "name",
        "paired",
        "parameters",
        "pareto",
        "score",
      ]
    `);
    const back = Comparison.fromJson(json);
    expect(back.json()).toEqual(json);
    expect(back.table()).toBe(comparison.table());
    expect(await back.html()).toBe(await comparison.html());
  });

  it.each([
    ['another schema', { schema: 'other' }, /schema/],
    ['another version', { version: 2 }, /version/],
    ['no rows', { rows: [] }, /rows/],
    ['a row without a score', { rows: [{ ...comparisonFigures.rows[0], score: undefined }] }, /score/],
  ])('refuses JSON with %s', (_, change, message) => {
    expect(() => Comparison.fromJson({ ...comparison.json(), ...change })).toThrow(message);
  });

  it('writes a page that loads nothing, the same for the same figures', async () => {
    const html = await comparison.html({ title: 'Shrunk <models>' });
    expect(html).toBe(await comparison.html({ title: 'Shrunk <models>' }));
    expect(html).toContain('<h1>Shrunk &lt;models&gt;</h1>');
    expect(html).not.toMatch(/(?:src|href)\s*=\s*["']?(?!data:|#)[^"'>\s]/);
    expect(html.match(/https?:\/\/[^"'\s<)]+/g)?.filter((link) => !link.startsWith('http://www.w3.org/'))).toEqual([]);
    for (const text of [
      'accuracy against latency',
      'Size of the files',
      'Latency, 2 threads, batch 8',
      'Pareto front',
    ]) {
      expect(html).toContain(text);
    }
    await expect(comparison.html({ name: 1 } as never)).rejects.toThrow(/name/);
  });
});
