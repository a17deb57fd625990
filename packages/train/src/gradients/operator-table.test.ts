import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorsIn, sectionOf, tableOf, withSection } from './operator-table.fixture.js';
import { golden } from './recorded-cases.fixture.js';
import { gradients } from './table.js';

const document = readFileSync(new URL('../../../../docs/compatibility.md', import.meta.url), 'utf8');
const section = sectionOf(document);

describe('the table of operators with a gradient in docs/compatibility.md', () => {
  it('is what test/train-gradients/write-table.ts writes', () => {
    expect(section).toBe(tableOf(Object.keys(gradients), golden, errorsIn(section)));
  });

  it('tells errors within the bar, on cpu and on wasm', () => {
    for (const [operator, errors] of errorsIn(section)) {
      expect(errors.cpu, operator).toBeLessThanOrEqual(1e-5);
      expect(errors.wasm, operator).toBeLessThanOrEqual(1e-5);
    }
  });

  it('is put in the place of the old one', () => {
    expect(sectionOf(withSection(document, 'another'))).toBe('another');
    expect(() => sectionOf('nothing')).toThrow('train-gradients:begin');
  });
});
