import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

/** What a tool gave; `null` stands for NaN. */
export type Figures = number | null | readonly Figures[] | { readonly [name: string]: Figures };

/** A file of recorded answers. */
export function readGolden<Golden>(name: string): Golden {
  return JSON.parse(readFileSync(new URL(`../../../test/goldens/metrics/${name}`, import.meta.url), 'utf8'));
}

/** Compares what a tool gave, and no more than that, to 1e-6 of what is larger than 1. */
export function expectFigures(actual: unknown, expected: Figures, name: string): void {
  if (expected === null) expect(actual, name).toBeNaN();
  else if (typeof expected === 'number') {
    const distance = Math.abs((actual as number) - expected) / Math.max(1, Math.abs(expected));
    expect(distance, `${name}: ${actual} and ${expected}`).toBeLessThanOrEqual(1e-6);
  } else {
    if (Array.isArray(expected)) expect(actual, name).toHaveLength(expected.length);
    for (const [key, value] of Object.entries(expected)) {
      expectFigures((actual as Record<string, unknown>)[key], value, `${name}.${key}`);
    }
  }
}
