import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseModelUri } from './uri.js';

describe('parseModelUri', () => {
  it('reads the three forms', () => {
    expect(parseModelUri('models:/a.b-c_1')).toEqual({ name: 'a.b-c_1' });
    expect(parseModelUri('models:/a/12')).toEqual({ name: 'a', version: 12 });
    expect(parseModelUri('models:/a@production')).toEqual({ name: 'a', alias: 'production' });
  });

  it('reads back what it is given or refuses it, whatever that is', () => {
    const piece = fc.oneof(
      fc.constantFrom('models:/', '/', '@', '..', '1', 'a', '\n'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const uri = pieces.join('');
        try {
          const { name, version, alias } = parseModelUri(uri);
          expect(uri.replace(/\/0*([0-9]+)$/, '/$1')).toBe(
            `models:/${name}${version === undefined ? '' : `/${version}`}${alias === undefined ? '' : `@${alias}`}`,
          );
        } catch (error) {
          expect(error).toEqual(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
        }
      }),
      { numRuns: 500 },
    );
  });
});
