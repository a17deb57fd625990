import { describe, expect, it } from 'vitest';
import { adviceFor, whyNotTeachable } from './check-lesson.js';

const taught = (name: string, count: number) => ({ name, pictures: Array.from({ length: count }, (_, i) => `${i}`) });

describe('what stands in the way of teaching', () => {
  it('is told in words', () => {
    expect(whyNotTeachable([taught('Cup', 0), taught('Glass', 0)])).toContain('no pictures yet');
    expect(whyNotTeachable([taught('Cup', 3), taught('Glass', 0)])).toBe(
      '“Glass” has no pictures yet. Collect some, then teach.',
    );
    expect(whyNotTeachable([taught('Cup', 3), taught('Glass', 0), taught('Jar', 2)])).toContain('or remove the class');
    expect(whyNotTeachable([taught('Cup', 3), taught('Cup', 3)])).toContain('Two classes are called “Cup”');
    expect(whyNotTeachable([taught('Cup', 3), taught('Glass', 1)])).toBeUndefined();
  });

  it('may be nothing, and the pictures could still be better', () => {
    expect(adviceFor([taught('Cup', 90), taught('Glass', 20)])).toContain('“Glass” has far fewer pictures');
    expect(adviceFor([taught('Cup', 8), taught('Glass', 9)])).toContain('More than ten');
    expect(adviceFor([taught('Cup', 30), taught('Glass', 20)])).toBeUndefined();
  });
});
