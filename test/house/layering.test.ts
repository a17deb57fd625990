import { describe, expect, it } from 'vitest';
import { manifestOf, packageNames, read, sourceFiles } from '../setup/repository.js';

/** Which floor each room is on; imports only point down. The same table stands in ARCHITECTURE.md. */
const floors: Record<string, number> = {
  core: 0,
  storage: 0,
  image: 0,
  onnx: 0,
  metrics: 0,
  report: 0,
  data: 1,
  augment: 1,
  train: 1,
  serve: 1,
  monitor: 1,
  registry: 1,
  optimize: 2,
};

/** On floor 0 everything may stand on core, and onnx on storage. */
function mayImport(from: string, to: string): boolean {
  if (floors[to]! < floors[from]!) return true;
  return floors[from] === 0 && (to === 'core' ? from !== 'core' : from === 'onnx' && to === 'storage');
}

function importedPackages(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'@percept\/([a-z-]+)/g)].map((match) => match[1]!);
}

describe('layering', () => {
  it('has a floor for every package', () => {
    expect(Object.keys(floors).sort()).toEqual(packageNames);
  });

  it('stands in ARCHITECTURE.md as it is enforced', () => {
    const rows = [...read('ARCHITECTURE.md').matchAll(/^\| (\d)\s+\| \[packages\/([a-z-]+)\]/gm)];
    expect(Object.fromEntries(rows.map(([, floor, name]) => [name, Number(floor)]))).toEqual(floors);
  });

  it.each(packageNames)('%s imports only from floors below it', (name) => {
    for (const path of sourceFiles(`packages/${name}/src`, { tests: true })) {
      for (const imported of importedPackages(read(path))) {
        if (imported === name) continue;
        expect(mayImport(name, imported), `${path} imports @percept/${imported}`).toBe(true);
      }
      expect(read(path), `${path} reaches into another package by path`).not.toMatch(/from '(\.\.\/)+packages\//);
    }
  });

  it.each(packageNames)('%s declares exactly the Percept packages that it imports', (name) => {
    const imported = new Set(sourceFiles(`packages/${name}/src`).flatMap((path) => importedPackages(read(path))));
    imported.delete(name);
    const declared = Object.keys(manifestOf(name).dependencies ?? {})
      .filter((dependency) => dependency.startsWith('@percept/'))
      .map((dependency) => dependency.slice('@percept/'.length));
    expect(declared.sort()).toEqual([...imported].sort());
  });

  it('keeps Node built-ins out of files that browsers load', () => {
    const browserFiles = packageNames.flatMap((name) => reachable(`packages/${name}/src/index.ts`));
    for (const path of browserFiles) {
      expect(read(path), `${path} is reached by browsers`).not.toMatch(/from 'node:|import\('node:/);
    }
  });
});

/** Files that a package's browser entry reaches through relative imports. */
function reachable(entry: string, seen = new Set<string>()): string[] {
  if (seen.has(entry)) return [];
  seen.add(entry);
  for (const match of read(entry).matchAll(/(?:from|import\()\s*'(\.[^']+)\.js'/g)) {
    const path = new URL(match[1]!, `file:///${entry}`).pathname.slice(1);
    for (const extension of ['.ts', '.tsx']) {
      try {
        read(path + extension);
      } catch {
        continue;
      }
      reachable(path + extension, seen);
    }
  }
  return [...seen];
}
