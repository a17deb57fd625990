import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { textTable } from './text-table.js';

describe('textTable', () => {
  it('aligns numbers to the right with equal decimals, and text to the left', () => {
    expect(
      textTable(
        [
          { model: 'small-cnn', bytes: 1_234_567, p50: 1.5, note: null },
          { model: '靴とサンダル', bytes: 12, p50: 12.25, accuracy: 0.91 },
        ],
        {
          columns: [
            { key: 'model' },
            { key: 'bytes', title: 'size (bytes)' },
            { key: 'p50', title: 'p50 (ms)' },
            { key: 'accuracy', digits: 1 },
            { key: 'note' },
          ],
        },
      ),
    ).toBe(
      [
        'model         size (bytes)  p50 (ms)  accuracy  note',
        '────────────  ────────────  ────────  ────────  ────',
        'small-cnn        1,234,567      1.50         –  –',
        '靴とサンダル            12     12.25       0.9  –',
      ].join('\n'),
    );
  });

  it('shows every kind of value without breaking its line', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const values = [
      12n,
      true,
      Number.NaN,
      new Date(0),
      { a: 1 },
      cyclic,
      'two\nlines\u001b[31m',
      undefined,
      Symbol('s'),
    ];
    expect(
      textTable(values.map((value) => ({ value })))
        .split('\n')
        .slice(2),
    ).toEqual([
      '12',
      'true',
      'NaN',
      '1970-01-01T00:00:00.000Z',
      '{"a":1}',
      '[object Object]',
      'two lines [31m',
      '–',
      'Symbol(s)',
    ]);
  });

  it('has a header for columns without rows, and nothing for nothing', () => {
    expect(textTable([], { columns: [{ key: 'a' }] })).toBe('a\n─');
    expect(textTable([])).toBe('\n');
  });

  it('gives every line the same width before trailing space is cut', () => {
    const row = fc.record({ a: fc.string({ unit: 'grapheme' }), b: fc.double({ noNaN: true }), c: fc.integer() });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 8 }), (rows) => {
        const [, rule, ...lines] = textTable(rows).split('\n');
        expect(lines).toHaveLength(rows.length);
        for (const line of lines) expect(stringWidth(line)).toBe(stringWidth(rule!));
      }),
    );
  });

  it.each([
    () => textTable('rows' as unknown as []),
    () => textTable([1] as unknown as []),
    () => textTable([], { columns: [{ key: 'a', digits: -1 }] }),
  ])('refuses %s', (call) => {
    expect(call).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
