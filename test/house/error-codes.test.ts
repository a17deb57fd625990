import { describe, expect, it } from 'vitest';
import { packageNames, read, sourceFiles } from '../setup/repository.js';

const areas = [...packageNames, 'examples'];
/** Codes of core that any package may throw. */
const shared = ['INVALID_ARGUMENT', 'ABORTED', 'TENSOR_INVALID', 'MISSING_PEER'];

const thrown = new Map<string, string[]>();
for (const path of [
  ...areas.slice(0, -1).flatMap((name) => sourceFiles(`packages/${name}/src`)),
  ...sourceFiles('examples'),
]) {
  for (const match of read(path).matchAll(/new PerceptError\(\s*'([^']+)'/g)) {
    thrown.set(match[1]!, [...(thrown.get(match[1]!) ?? []), path]);
  }
}
const documented = [...read('docs/errors.md').matchAll(/^\| `([A-Z0-9_]+)`\s*\|/gm)].map((match) => match[1]!);

describe('error codes', () => {
  it('are all documented', () => {
    expect([...thrown.keys()].filter((code) => !documented.includes(code)).sort()).toEqual([]);
  });

  it('are all thrown somewhere', () => {
    expect(documented.filter((code) => !thrown.has(code)).sort()).toEqual([]);
  });

  it('are documented once', () => {
    expect(documented.filter((code, index) => documented.indexOf(code) !== index)).toEqual([]);
  });

  it('begin with the name of the package that throws them', () => {
    for (const [code, paths] of thrown) {
      expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$|^ABORTED$/);
      if (shared.includes(code)) continue;
      for (const path of paths) {
        const owner = path.startsWith('examples/') ? 'EXAMPLE' : path.split('/')[1]!.toUpperCase();
        expect(code.startsWith(`${owner}_`), `${code} in ${path}`).toBe(true);
      }
    }
  });

  it('are the only errors thrown by library code', () => {
    for (const name of packageNames) {
      // Fakes under testing/ play foreign libraries, with foreign errors.
      for (const path of sourceFiles(`packages/${name}/src`).filter((file) => !file.includes('/testing/'))) {
        expect(read(path), path).not.toMatch(/throw new (?:Type|Range|Syntax)?Error\(/);
      }
    }
  });
});
