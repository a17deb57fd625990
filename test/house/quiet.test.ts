import { describe, expect, it } from 'vitest';
import { packageNames, read, sourceFiles } from '../setup/repository.js';

describe('library code prints nothing', () => {
  it.each(packageNames)('%s never writes to a console or a standard stream', (name) => {
    for (const path of sourceFiles(`packages/${name}/src`)) {
      const code = read(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      expect(code, path).not.toMatch(/\bconsole\.|process\.(stdout|stderr)\.write/);
    }
  });
});
