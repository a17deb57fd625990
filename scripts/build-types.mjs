// Checks the types of everything and lays the packages' declarations into their `dist/`: one run of the compiler for all,
// which is several times faster than one for every package. `dist/types/` mirrors `src/`; beside the code of every entry
// stands a file that points there.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const emitted = join(root, '.cache', 'types');

/** Pairs of a declaration and its source that the conditions of an `exports` entry name. */
function entriesOf(target, source = target['@percept/source']) {
  if (typeof target !== 'object' || target === null) return [];
  if (typeof target.types === 'string') return [{ types: target.types, source }];
  const branches = Object.entries(target).filter(([condition]) => condition !== '@percept/source');
  return branches.flatMap(([condition, branch]) =>
    entriesOf(branch, typeof source === 'object' ? source[condition] : source),
  );
}

/** Sources whose declarations are for users: neither tests nor what only tests read. */
function shipped(path) {
  return !/\.(test|test-d|fixture)\.(d\.ts|tsx?)$/.test(path);
}

function layOut(name) {
  const folder = join(root, 'packages', name);
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const types = join(folder, 'dist', 'types');
  rmSync(types, { recursive: true, force: true });
  mkdirSync(types, { recursive: true });
  for (const path of readdirSync(join(folder, 'src'), { recursive: true })) {
    const declaration = path.endsWith('.d.ts') ? path : path.replace(/\.tsx?$/, '.d.ts');
    if (!/\.tsx?$/.test(path) || !shipped(path)) continue;
    const from = path.endsWith('.d.ts')
      ? join(folder, 'src', path)
      : join(emitted, 'packages', name, 'src', declaration);
    cpSync(from, join(types, declaration));
  }
  for (const { types: entry, source } of entriesOf({ exports })) {
    const module = source.replace(/^\.\/src\//, './types/').replace(/\.tsx?$/, '.js');
    writeFileSync(join(folder, entry), `export * from '${module}';\n`);
  }
}

const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/typescript/bin/tsc'),
    ...['--project', root, '--noEmit', 'false', '--declaration', '--emitDeclarationOnly'],
    ...['--rootDir', root, '--outDir', emitted, '--incremental', '--tsBuildInfoFile', join(emitted, 'tsbuildinfo')],
  ],
  { cwd: root, stdio: 'inherit' },
);
for (const name of readdirSync(join(root, 'packages'))) {
  if (existsSync(join(root, 'packages', name, 'dist'))) layOut(name);
}
process.exit(status ?? 1);
