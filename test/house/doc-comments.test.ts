import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { manifestOf, packageNames, root } from '../setup/repository.js';

const entries = packageNames.flatMap((name) =>
  [...new Set(Object.values(manifestOf(name).exports).flatMap(sources))].map((source) =>
    join(root, 'packages', name, source),
  ),
);

/** The source files behind one `exports` entry. */
function sources(entry: unknown): string[] {
  const source = (entry as Record<string, unknown>)['@percept/source'];
  return typeof source === 'string' ? [source] : Object.values(source as Record<string, string>);
}

const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
const program = ts.createProgram(entries, options);
const checker = program.getTypeChecker();

describe('doc comments', () => {
  it.each(entries.map((entry) => [entry.slice(root.length), entry]))('every export of %s has one', (_, entry) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!);
    const bare = checker
      .getExportsOfModule(module!)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
      .filter((symbol) => symbol.getDocumentationComment(checker).length === 0)
      .map((symbol) => symbol.name);
    expect(bare).toEqual([]);
  });
});
